"""Renders are judged one API after the other, and not again while nothing changes that could change the verdict."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from onboarding_tool.adapters import renders
from onboarding_tool.adapters.cache import Cache
from onboarding_tool.adapters.cached_renderer import CachedRenderer
from onboarding_tool.adapters.renderer import Renderer
from onboarding_tool.adapters.verdicts import Verdicts
from onboarding_tool.checks import judging
from onboarding_tool.errors import WorldError
from onboarding_tool.model import Renders
from onboarding_tool.rendering import Failure, Form, RenderRequest
from tests.support.rendered import with_renders
from tests.support.repos import edited, excepting, good, repo_of, second_api, with_component

DEPLOYMENT = "apps/payments/base/deployment.yaml"
OVERLAY = "apps/payments/overlays/prod/kustomization.yaml"
GENERATED = "generated/prod/apps/payments/kustomization.yaml"
NO_RENDERER = Path("/nowhere/onboard-renderer")
TODAY = "2026-11-20"

Judge = Callable[..., tuple[Renders, list[str]]]


def two() -> dict[str, str]:
    """Two APIs, with what is generated, and a component."""
    return with_component("labels: [{pairs: {tier: api}}]\n", good() | second_api())


@pytest.fixture
def judge(renderer, tmp_path) -> Judge:
    """Judges files with a cache; `working=False`: with a renderer that cannot start, so all must be known."""

    def judged(files: dict[str, str], *, working: bool = True, today: str = TODAY) -> tuple[Renders, list[str]]:
        repo = repo_of(files, today=today)
        command = renderer if working else NO_RENDERER
        with Cache(tmp_path / "cache", today) as cache, Renderer(jobs=1, command=command) as rendering:
            outlines, found = renders.judge(repo, rendering, cache)
        return outlines, [f"{one.path} {one.rule}" for one in sorted(found)]

    return judged


Known = Callable[..., set[str]]


@pytest.fixture
def known(tmp_path) -> Known:
    """The APIs of which the verdict is known."""

    def names(files: dict[str, str], today: str = TODAY) -> set[str]:
        repo = repo_of(files, today=today)
        with Cache(tmp_path / "cache", today) as cache:
            return set(Verdicts(repo, cache).known(repo.apis.values()))

    return names


BOTH = {"payments", "orders"}
BROKEN = edited(
    DEPLOYMENT, "          ports:", "          securityContext: {privileged: true}\n          ports:", two()
)


@pytest.mark.parametrize("files", [two(), BROKEN], ids=["good", "broken"])
def test_the_verdict_is_that_of_all_renders_together_with_and_without_a_cache(renderer, judge, files):
    repo = repo_of(files)
    with Renderer(jobs=1, command=renderer) as rendering:
        whole = with_renders(repo, rendering)
        plain = renders.judge(repo, rendering)
    assert whole.renders is not None
    assert plain == (Renders(outlines=whole.renders.outlines), judging.judge_renders(whole))
    told = plain[0], [f"{one.path} {one.rule}" for one in sorted(plain[1])]
    assert told == judge(files) == judge(files, working=False)
    assert bool(told[1]) is (files is BROKEN)


def without(path: str) -> dict[str, str]:
    return {other: text for other, text in two().items() if other != path}


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
    ],
    ids=["overlay", "base", "generated", "metadata", "not generated", "less", "more"],
)
def test_what_changes_in_one_api_makes_its_verdict_unknown(judge, known, after):
    judge(two())
    assert known(two()) == BOTH
    assert known(after) == {"orders"}
    assert judge(after) == judge(after)


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
def test_what_all_share_makes_every_verdict_unknown(judge, known, after):
    judge(two())
    assert known(after) == set()


def test_what_no_render_can_depend_on_changes_nothing(judge, known):
    judge(two())
    assert known(two() | {"README.md": "text", "apps/payments/requests/prod/x.yaml": "a: b"}) == BOTH


def test_an_exception_that_expires_is_noticed(judge, known):
    files = two() | excepting("pod-privileged", DEPLOYMENT)
    judge(files)
    assert known(files, "2029-12-31") == BOTH
    assert known(files, "2030-06-01") == set()


def test_what_failed_or_reads_files_of_others_is_judged_each_time(judge, known):
    missing = edited("apps/payments/base/kustomization.yaml", "- hpa.yaml", "- hpa.yaml\n  - gone.yaml", two())
    elsewhere = "- hpa.yaml\n  - ../../orders/base/service.yaml"
    foreign = edited("apps/payments/base/kustomization.yaml", "- hpa.yaml", elsewhere, two())
    for files in (missing, foreign):
        judge(files)
        assert known(files) == {"orders"}


def test_other_code_believes_no_verdict(judge, known, monkeypatch):
    judge(two())
    monkeypatch.setattr("onboarding_tool.resources.fingerprint", lambda: b"other")
    assert known(two()) == set()


# Single renders


REQUESTS = [
    RenderRequest(f"o{number}", {f"o{number}/kustomization.yaml": f"namePrefix: a{number}".encode()}, Form.OBJECTS)
    for number in range(600)
]
BAD = RenderRequest("bad", {"bad/kustomization.yaml": b"resources: [gone.yaml]"}, Form.OBJECTS)
MAP = RenderRequest("m", {"m/kustomization.yaml": b"configMapGenerator: [{name: a, literals: [a=1]}]"}, Form.OBJECTS)


@pytest.fixture
def cached(tmp_path) -> Iterator[Callable[[Renderer], CachedRenderer]]:
    with Cache(tmp_path / "cache", TODAY) as cache:
        yield lambda renderer: CachedRenderer(renderer, cache)


def test_renders_come_in_the_order_of_the_requests_known_or_not(renderer, cached):
    with Renderer(jobs=2, command=renderer) as rendering:
        list(cached(rendering).render([*REQUESTS[::3], MAP]))
        found = list(cached(rendering).render([*REQUESTS, MAP, BAD, MAP]))
    assert [one.path for one in found] == [*(one.path for one in REQUESTS), "m", "bad", "m"]
    assert found[-2].failure is Failure.ERROR
    assert found[-1] == found[-3]
    assert found[-1].values[0]["data"] == {"a": "1"}


def test_only_objects_are_kept_and_no_failures(renderer, cached):
    text = RenderRequest(MAP.path, MAP.files)
    with Renderer(jobs=1, command=renderer) as rendering:
        assert "kind: ConfigMap" in next(cached(rendering).render([text])).text
        list(cached(rendering).render([MAP, BAD]))
    with Renderer(jobs=1, command=NO_RENDERER) as none:
        (found,) = cached(none).render([MAP])
        assert found.values
        for request in (text, BAD, RenderRequest("other", MAP.files, Form.OBJECTS)):
            with pytest.raises(WorldError):
                list(cached(none).render([request]))


def test_a_value_that_is_none_is_rendered_again(renderer, tmp_path):
    with Cache(tmp_path / "cache", TODAY) as cache, Renderer(jobs=1, command=renderer) as rendering:
        (first,) = CachedRenderer(rendering, cache).render([MAP])
        ((key, value),) = _entries(cache)
        for rubbish in (b"", b"rubbish", value[:-3]):
            cache.put({key: rubbish})
            assert list(CachedRenderer(rendering, cache).render([MAP])) == [first]


def _entries(cache: Cache) -> list[tuple[bytes, bytes]]:
    assert cache._connection is not None
    return cache._connection.execute("SELECT key, value FROM entry").fetchall()
