"""What was made of an API's files is remembered until something changes that had a say in it."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings

from onboarding_tool import load
from onboarding_tool.adapters import fleet
from onboarding_tool.adapters.cache import Cache, open_cache
from onboarding_tool.adapters.files import KEPT_FILES, FolderTree
from onboarding_tool.adapters.fleet import Wish
from onboarding_tool.adapters.memory import Keys, Memory
from onboarding_tool.checks.judging import Verdict
from onboarding_tool.model import Api
from tests.support.broken import histories
from tests.support.git import write
from tests.support.judging import hold_against_each_other, without_requests
from tests.support.repos import edited, excepting, good, repo_of, second_api, with_component

DEPLOYMENT = "apps/payments/base/deployment.yaml"
OVERLAY = "apps/payments/overlays/prod/kustomization.yaml"
GENERATED = "generated/prod/apps/payments/kustomization.yaml"
BASE = "apps/payments/base/kustomization.yaml"
TODAY = "2026-11-20"
NOT_ASKED = "nobody asked"

BOTH = {"payments", "orders"}


def two() -> dict[str, str]:
    """Two APIs, with what is generated, and a component."""
    return with_component("labels: [{pairs: {tier: api}}]\n", good() | second_api())


def without(path: str) -> dict[str, str]:
    return {other: text for other, text in two().items() if other != path}


BROKEN = edited(
    DEPLOYMENT, "          ports:", "          securityContext: {privileged: true}\n          ports:", two()
)

Check = Callable[..., Verdict]
Known = Callable[..., set[str]]


class Place:
    """A folder whose files come and go, with the cache in it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def holds(self, files: dict[str, str]) -> FolderTree:
        for path in [path for path in FolderTree(self.root).paths() if path not in files]:
            (self.root / path).unlink()
        write(self.root, files)
        return FolderTree(self.root)

    def check(
        self, files: dict[str, str], today: str = TODAY, not_rendered: str = "", *, cached: bool = True
    ) -> Verdict:
        wish = Wish(fleet.Source(self.root), today, not_rendered, cached)
        return fleet.check(self.holds(files), wish, None, "none", 1)

    def known(self, files: dict[str, str], today: str = TODAY, not_rendered: str = "") -> set[str]:
        """The APIs that are not judged again."""
        tree = self.holds(files)
        policy = replace(load.load(tree, ())[0], today=today)
        cache = open_cache(self.root, today)
        assert cache is not None
        with cache:
            wish = Wish(fleet.Source(self.root), today, not_rendered)
            return set(fleet._memory(policy, wish, cache).known(tree.folders("apps")))


@pytest.fixture
def place(tmp_path, renderer) -> Place:
    root = tmp_path / "config"
    root.mkdir()
    return Place(root)


@pytest.mark.parametrize("not_rendered", ["", NOT_ASKED], ids=["rendered", "not rendered"])
@pytest.mark.parametrize("files", [two(), BROKEN], ids=["good", "broken"])
def test_the_verdict_is_the_same_known_or_not(place, files, not_rendered):
    whole = place.check(files, not_rendered=not_rendered, cached=False)
    assert place.check(files, not_rendered=not_rendered) == whole
    assert place.known(files, not_rendered=not_rendered) == BOTH
    assert place.check(files, not_rendered=not_rendered) == whole
    assert bool(whole.findings) is (files is BROKEN and not not_rendered)


@pytest.mark.parametrize(
    "after",
    [
        edited(OVERLAY, "newTag: v1.9.3", "newTag: v2.0.0", two()),
        edited(DEPLOYMENT, "8080", "8081", two()),
        edited(GENERATED, "# Generated", "# generated", two()),
        edited("apps/payments/metadata.yaml", "capability: L", "capability:  L", two()),
        without(GENERATED),
        without("apps/payments/base/hpa.yaml"),
        two() | {"apps/payments/base/other.yaml": ""},
        two() | {"apps/payments/requests/prod/x.yaml": "a: b"},
    ],
    ids=["overlay", "base", "generated", "metadata", "not generated", "less", "more", "request"],
)
def test_what_changes_in_one_api_makes_its_verdict_unknown(place, after):
    place.check(two())
    assert place.known(two()) == BOTH
    assert place.known(after) == {"orders"}
    assert place.check(after) == place.check(after, cached=False)


def test_what_is_generated_says_nothing_of_an_api_whose_renders_nobody_asked_for(place):
    place.check(two(), not_rendered=NOT_ASKED)
    assert place.known(without(GENERATED), not_rendered=NOT_ASKED) == BOTH
    assert place.known(two()) == set()


@pytest.mark.parametrize(
    "after",
    [
        edited("components/extra/kustomization.yaml", "tier: api", "tier: web", two()),
        edited("platform.yaml", "registries:", "registries: ", two()),
        edited("teams.yaml", "teams:", "teams: ", two()),
        two() | excepting("pod-privileged", DEPLOYMENT),
    ],
    ids=["component", "platform", "teams", "exceptions"],
)
def test_what_all_share_makes_every_verdict_unknown(place, after):
    place.check(two())
    assert place.known(after) == set()


def test_what_no_api_can_depend_on_changes_nothing(place):
    place.check(two())
    assert place.known(two() | {"README.md": "text"}) == BOTH


def test_an_exception_that_expires_is_noticed(place):
    files = two() | excepting("pod-privileged", DEPLOYMENT)
    place.check(files)
    assert place.known(files, "2029-12-31") == BOTH
    assert place.known(files, "2030-06-01") == set()


@pytest.mark.parametrize("resource", ["gone.yaml", "../../orders/base/service.yaml"])
def test_what_failed_or_reads_files_of_others_is_judged_each_time(place, resource):
    files = edited(BASE, "- hpa.yaml", f"- hpa.yaml\n  - {resource}", two())
    place.check(files)
    assert "payments" not in place.known(files)


def test_what_waits_for_a_decision_is_judged_each_time(place):
    """Whether a request may be granted depends on the others, and on git's history."""
    files = two() | {"apps/payments/requests/prod/x.yaml": "a: b"}
    place.check(files)
    assert place.known(files) == {"orders"}


@pytest.mark.parametrize(
    "before",
    [BROKEN, edited("platform.yaml", "registries:", "forbidden_namespaces: [payments]\nregistries:", two())],
    ids=["API", "platform"],
)
def test_who_edits_while_others_judge_is_not_remembered_for_what_was_there_before(place, before):
    """And goes back to it: `git switch`, and back again."""
    looked_at = place.holds(before)
    for path in looked_at.paths():
        looked_at.read(path)
    place.holds(two())
    fleet.check(looked_at, Wish(fleet.Source(place.root), TODAY), None, "none", 1)
    whole = place.check(before, cached=False)
    assert whole.findings
    assert place.check(before) == whole


def test_what_is_judged_by_another_policy_than_the_keys_say_is_not_remembered(place):
    """A process reads platform.yaml once, and has long forgotten it when the last part comes."""
    many = {f"apps/payments/overlays/prod/config/many/{number}": "x" for number in range(KEPT_FILES)}
    place.holds(two() | many)
    with fleet._judging(Wish(fleet.Source(place.root), TODAY, NOT_ASKED), 1) as work:
        assert work(["payments"]).keys.keys() == {"payments"}
        place.holds(edited("platform.yaml", "registries:", "registries: ", two()))
        assert work(["orders"]).keys == {}


def test_a_name_of_any_bytes_ends_no_check(place):
    odd = os.fsdecode(b"\xff")
    files = two() | {f"apps/payments/base/{odd}.yaml": "", f"apps/orders/overlays/{odd}/kustomization.yaml": ""}
    whole = place.check(files, not_rendered=NOT_ASKED, cached=False)
    assert {finding.path for finding in whole.findings} == files.keys() - two().keys()
    assert place.check(files, not_rendered=NOT_ASKED) == whole


def test_what_lies_where_nothing_is_generated_is_judged_each_time(place):
    """An API may name an environment that the platform has not, and somebody may put a folder there."""
    named = "environments:\n  ghost: {namespace: payments, manage: none}"
    files = edited("apps/payments/metadata.yaml", "environments:", named, two())
    files["apps/payments/overlays/ghost/kustomization.yaml"] = files[OVERLAY]
    put_there = files | {"generated/ghost/apps/payments/kustomization.yaml": "resources: [gone.yaml]\n"}
    place.check(files)
    whole = place.check(put_there, cached=False)
    assert "render-failed" in {finding.rule for finding in whole.findings}
    assert place.check(put_there) == whole


def test_other_code_believes_no_verdict(place, monkeypatch):
    place.check(two())
    monkeypatch.setattr("onboarding_tool.resources.fingerprint", lambda: b"other")
    assert place.known(two()) == set()


@settings(max_examples=10)
@given(histories(without_requests()))
def test_the_verdict_is_the_same_whatever_happened_before(few_are_many, tmp_path_factory, history):
    """tests/slow/test_remembered.py does it with renders, and for longer."""
    hold_against_each_other(tmp_path_factory.mktemp("config"), history, NOT_ASKED)


# Values of any kind


@pytest.fixture
def memory(tmp_path):
    """Of the APIs of a repo, or of other values; and what makes their keys."""
    repo = repo_of(two())

    def made(kind: type = Api, about: str = "") -> tuple[Memory, Keys]:
        keys = Keys(kind, repo.tree, lambda name: (f"apps/{name}",), about)
        return Memory(cache, kind, keys), keys

    with Cache(tmp_path / "cache", TODAY) as cache:
        yield made


@pytest.fixture
def kept(memory):
    """Both APIs, remembered."""
    before, keys = memory()
    before.keep((keys.of(name), api) for name, api in repo_of(two()).apis.items())
    whole = dict(before._new)
    before.save()
    return whole


def test_a_value_comes_back_as_it_was(memory, kept):
    assert memory()[0].known([*BOTH, "nobody"]) == repo_of(two()).apis


def test_values_of_another_kind_or_about_something_else_are_others(memory, kept):
    assert memory(about="else")[0].known(BOTH) == {}
    assert memory(kind=fleet.Judged)[0].known(BOTH) == {}


def test_whether_anything_is_known_is_told_from_a_few(memory, kept, monkeypatch):
    several, _ = memory()
    assert several.knows_any(["nobody", "orders"])
    assert not several.knows_any(["nobody"])
    assert not several.knows_any([])
    asked: list[str] = []
    monkeypatch.setattr(several, "known", asked.extend)
    assert not several.knows_any([str(number) for number in range(100, 1000)])
    assert asked == [str(number) for number in range(100, 1000, 90)]


def test_what_is_no_text_is_not_kept(memory):
    """A file's name may be any bytes; those beside it are kept."""
    before, _ = memory()
    before.keep((name.encode(), replace(api, tenant=f"{name}\udcff")) for name, api in repo_of(two()).apis.items())
    assert before._new == {}
    before.keep((name.encode(), api) for name, api in repo_of(two()).apis.items())
    assert len(before._new) == 2


@pytest.mark.parametrize(
    "value", [b"", b"rubbish", b"x\x9c\x03\x00\x00\x00\x00\x01", None], ids=["empty", "rubbish", "no JSON", "cut"]
)
def test_a_value_that_is_none_is_not_believed(memory, kept, value):
    before, _ = memory()
    assert before.known(BOTH).keys() == BOTH
    before._cache.put({key: whole[:-3] if value is None else value for key, whole in kept.items()})
    assert before.known(BOTH) == {}
