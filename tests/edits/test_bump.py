"""A bump moves one slot and nothing else, or says why not; over the corpus, and against the real kustomize."""

import difflib
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from onboarding_tool import images, slots
from onboarding_tool.edits import bump as module
from onboarding_tool.edits.bump import Bump, BumpRefused, bump
from onboarding_tool.errors import BugError, UsageError
from onboarding_tool.images import Image
from onboarding_tool.model import Api, Repo
from onboarding_tool.tree import File, Tree
from onboarding_tool.yamltext import KUSTOMIZATION
from tests.support.repos import DEPLOYMENT, OVERLAY, edited, good, repo_of

APP = "europe-docker.pkg.dev/acme/payments/app"
PROD = "apps/payments/overlays/prod/kustomization.yaml"
DIGEST_A, DIGEST_B = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
CORPUS = Path(__file__).resolve().parent.parent / "corpus" / "kustomizations"

# Where the corpus asks for more than a bump does: another repository is a change of the configuration.
OTHER_REPOSITORY = ("newname-to-other-repository.yaml", "no-entry-for-the-logical-name.yaml")
# Refused only where PyYAML has no libyaml; kustomize, libyaml and ruamel.yaml agree on it.
WITH_TABS = "json-pretty-tabs.yaml"


def overlay(images_text: str, head: str = "resources:\n  - ../../base\n") -> dict[str, str]:
    return {**good(), PROD: head + images_text}


def two_containers(first: str = APP, second: str = "redis", images_text: str = "") -> dict[str, str]:
    container = f"        - name: cache\n          image: {second}\n"
    deployment = DEPLOYMENT.replace(f"image: {APP}\n", f"image: {first}\n") + container
    return {**overlay(images_text), "apps/payments/base/deployment.yaml": deployment}


def bumped(files: dict[str, str], target: str, **words: Any) -> Bump:
    repo = repo_of(files)
    return bump(repo, repo.apis["payments"], "prod", images.parse(target), **words)


def text_of(done: Bump) -> str:
    assert list(done.changes) == [done.path]
    data = done.changes[done.path]
    assert data is not None
    return data.decode()


ENTRY = f"images:\n  - name: {APP}\n"


@pytest.mark.parametrize(
    ("before", "version", "after"),
    [
        (f"{ENTRY}    newTag: v1 # c\n", ":v2", f"{ENTRY}    newTag: v2 # c\n"),
        (f"{ENTRY}    newTag: v1\n", ":1.10", f'{ENTRY}    newTag: "1.10"\n'),
        (f"{ENTRY}    newTag: v1\n", ":010", f'{ENTRY}    newTag: "010"\n'),
        (f"{ENTRY}    newTag: v1\n", ":1e3", f'{ENTRY}    newTag: "1e3"\n'),
        (f"{ENTRY}    newTag: v1\n", ":yes", f'{ENTRY}    newTag: "yes"\n'),
        (f"{ENTRY}    newTag: '1.9'\n", ":1.10", f"{ENTRY}    newTag: '1.10'\n"),
        (f"{ENTRY}    newTag:\n", ":v2", f"{ENTRY}    newTag: v2\n"),
        (ENTRY, ":v2", f"{ENTRY}    newTag: v2\n"),
        (f"{ENTRY}    newTag: v1\n", f"@{DIGEST_A}", f"{ENTRY}    digest: {DIGEST_A}\n"),
        (f"{ENTRY}    newTag: v1\n", f":v2@{DIGEST_A}", f"{ENTRY}    newTag: v2\n    digest: {DIGEST_A}\n"),
        (f"{ENTRY}    digest: {DIGEST_A} # c\n    # d\n", ":v2", f"{ENTRY}    newTag: v2\n    # d\n"),
        (f"{ENTRY}    digest: {DIGEST_A}\n", f"@{DIGEST_B}", f"{ENTRY}    digest: {DIGEST_B}\n"),
        (f"{ENTRY}    digest: {DIGEST_A}\n    newTag: v1\n", ":v2", f"{ENTRY}    newTag: v2\n"),
        (f"{ENTRY}    newName: {APP}\n", ":v2", f"{ENTRY}    newName: {APP}\n    newTag: v2\n"),
        ("", ":v2", f"{ENTRY}    newTag: v2\n"),
        ("", f":v2@{DIGEST_A}", f"{ENTRY}    newTag: v2\n    digest: {DIGEST_A}\n"),
        ("images: []\n", ":v2", f"{ENTRY}    newTag: v2\n"),
        ("images:\n", ":v2", f"{ENTRY}    newTag: v2\n"),
        ("images:\n- name: redis\n", ":v2", f"images:\n- name: redis\n- name: {APP}\n  newTag: v2\n"),
        (f"images: [{{name: {APP}}}]\n", ":v2", f"images: [{{name: {APP}, newTag: v2}}]\n"),
    ],
)
def test_edits(before: str, version: str, after: str) -> None:
    assert text_of(bumped(overlay(before), APP + version)) == text_of_overlay(after)


def text_of_overlay(images_text: str) -> str:
    return overlay(images_text)[PROD]


def test_says_what_it_does() -> None:
    done = bumped(good(), f"{APP}:v2.0.0")
    assert done == Bump(done.changes, (("payments", "app"),), Image(APP, "v1.9.3"), Image(APP, "v2.0.0"), PROD)
    assert text_of(done) == OVERLAY.format(namespace="payments").replace("v1.9.3", "v2.0.0")


def test_moves_the_whole_slot() -> None:
    done = bumped(two_containers(second=f"{APP}:old", images_text=f"{ENTRY}    newTag: v1\n"), f"{APP}:v2")
    assert done.slot == (("payments", "app"), ("payments", "cache"))


def test_moves_only_the_slot() -> None:
    files = two_containers(images_text=f"{ENTRY}    newTag: v1\n  - name: redis\n    newTag: v1\n")
    done = bumped(files, "redis:v2", container="cache")
    assert text_of(done) == files[PROD].replace("name: redis\n    newTag: v1", "name: redis\n    newTag: v2")


def test_nothing_to_do() -> None:
    assert bumped(good(), f"{APP}:v1.9.3").changes == {}
    files = two_containers(second=f"{APP}:old", first=f"{APP}:v1")
    assert bumped(files, f"{APP}:v1", container="app").changes != {}


def test_docker_hub_names_are_one_repository() -> None:
    done = bumped(two_containers(), "docker.io/library/redis:v2", container="cache")
    assert done.new == Image("redis", "v2")
    assert "- name: redis\n    newTag: v2\n" in text_of(done)


def test_writes_newname_never() -> None:
    before = f"images:\n  - name: logical\n    newName: {APP}\n    newTag: v1\n"
    files = two_containers(second="logical", images_text=before)
    assert text_of(bumped(files, f"{APP}:v2", container="cache")) == text_of_overlay(before.replace("v1", "v2"))


@pytest.mark.parametrize(
    ("target", "words", "message", "hint"),
    [
        (f"{APP}:v2", {"deployment": "payment"}, "no Deployment 'payment'", "Did you mean 'payments'?"),
        (f"{APP}:v2", {"container": "ap"}, "no container 'ap'", "Did you mean 'app'?"),
        (f"{APP}:v2", {}, "2 slots", "--deployment payments --container cache"),
        (f"{APP}2:v2", {"container": "app"}, "not europe-docker.pkg.dev/acme/payments/app2", "another|Another"),
        (f"{APP}", {"container": "app"}, "neither tag nor digest", "v1.2.3"),
        (f"{APP}:", {"container": "app"}, "is not a tag", "REPOSITORY:TAG"),
        (f"{APP}:-v2", {"container": "app"}, "is not a tag", "REPOSITORY:TAG"),
        (f"{APP}@sha256:1", {"container": "app"}, "is not a digest", "REPOSITORY:TAG"),
        ("App:v2", {"container": "app"}, "is not a repository name", "REPOSITORY:TAG"),
    ],
)
def test_what_cannot_be_meant(target: str, words: Any, message: str, hint: str) -> None:
    with pytest.raises(UsageError, match=re.escape(message)) as refused:
        bumped(two_containers(), target, **words)
    assert not isinstance(refused.value, BumpRefused)
    assert re.search(hint, refused.value.hint)


def test_unknown_environment() -> None:
    repo = repo_of(good())
    with pytest.raises(UsageError, match="'prd'") as refused:
        bump(repo, repo.apis["payments"], "prd", Image(APP, "v2"))
    assert "Did you mean 'prod'?" in refused.value.hint


@pytest.mark.parametrize(
    ("images_text", "place", "message"),
    [
        (f"{ENTRY}    tagSuffix: -x\n", "4:5", "tagSuffix"),
        (f"{ENTRY}    tag: x\n", "4:5", "no field 'tag'"),
        (f"{ENTRY}    newtag: x\n", "4:5", "no field 'newtag'"),
        ("images:\n  - name: team/.*\n", "4:5", "regular expression"),
        ('images:\n  - name: "["\n', "4:5", "regular expression"),
        ("images:\n  - name: ' app'\n", "4:5", "matches no image"),
        ("images:\n  - name: nginx:1\n", "4:5", "has a tag"),
        ("images:\n  - name: localhost:5000\n", "4:5", "has a tag"),
        ("images:\n  - newTag: v1\n", "4:5", "without a name"),
        ("images:\n  - text\n", "4:5", "without a name"),
        (f"{ENTRY}  - name: {APP}\n", "5:5", "two entries"),
        (f"{ENTRY}    newTag: 1.10\n", "4:5", "newTag is no text"),
        (f"{ENTRY}    newTag: a b\n", "4:5", "the newTag 'a b' is none"),
        (f"{ENTRY}    newTag: 2026-11-20\n", "5:13", "readers differ"),
        (f"{ENTRY}    newName: reg/app:9\n", "4:5", "the newName 'reg/app:9' is none"),
        (f"{ENTRY}    digest: sha256:1\n", "4:5", "the digest 'sha256:1' is none"),
        (f"images:\n  - name: {APP.replace('-', '.')}\n", "4:5", f"match {APP}"),
        (f"images:\n  - name: old\n    newName: {APP}\n  - name: {APP}\n", "4:5", "rewrites it"),
        (f"images:\n  - name: old\n    newName: {APP}\n", "3:1", "rewrites it"),
        (f"{ENTRY}    newTag: &v v1\n", "5:13", "anchor"),
        (f"{ENTRY}    newTag: v1\n    newTag: v1\n", "6:5", "stands twice"),
        ("images: {}\n", "3:1", "no list"),
        ("imageTags:\n  - name: x\n", "3:1", "imageTags"),
        ("Images: []\n", "3:1", "Images"),
        ("patches: [a: b]\n", "3:11", "without braces"),
        ("patches:\n  - patch: |\n      x", "4:12", "would give it one"),
    ],
)
def test_refused(images_text: str, place: str, message: str) -> None:
    with pytest.raises(BumpRefused, match=re.escape(message)) as refused:
        bumped(overlay(images_text), f"{APP}:v2")
    assert refused.value.message.startswith(f"{PROD}:{place}: ")
    assert refused.value.hint


def test_refuses_what_no_entry_matches() -> None:
    with pytest.raises(BumpRefused, match=re.escape("apps/payments/base/deployment.yaml:18:18: ")):
        bumped(edited("apps/payments/base/deployment.yaml", APP, f"{APP}:${{TAG}}"), f"{APP}:v2")


def test_a_file_that_would_be_too_long_to_be_read_is_left_as_it_is():
    text = good()[PROD]
    files = good() | {PROD: text + "#" * (KUSTOMIZATION.max_bytes - len(text) - 1) + "\n"}
    assert bumped(files, f"{APP}:v1.9.4").changes
    with pytest.raises(BumpRefused, match=r"it would have 65,55[0-9] bytes, and at most 65,536 are read") as refused:
        bumped(files, f"{APP}:v1.9.3-and-a-long-suffix")
    assert "Move patches" in refused.value.hint


def test_refuses_a_symbolic_link() -> None:
    repo = repo_of(good())
    files = {path: repo.tree[path] for path in repo.tree.paths()} | {PROD: File(b"../x", 0o120000)}
    linked = Repo(Tree(files), apis=repo.apis)
    with pytest.raises(BumpRefused, match="symbolic link"):
        bump(linked, repo.apis["payments"], "prod", Image(APP, "v2"))


def test_a_wrong_edit_is_a_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong in (ENTRY + "    newTag: v3\n", "images: [\n"):
        monkeypatch.setattr(module, "_edited", lambda *_, wrong=wrong: wrong)
        with pytest.raises(BugError, match="nothing was written"):
            bumped(good(), f"{APP}:v2")


# Properties

TAGS = st.from_regex(images.TAG, fullmatch=True)
DIGESTS = st.sampled_from([None, DIGEST_A, DIGEST_B])
VERSIONS = st.tuples(st.none() | TAGS, DIGESTS).filter(any)
LAYOUTS = st.sampled_from(
    [
        (f"{ENTRY}    newTag: %s # c\n", "'%s'", "\n"),
        (f"# a\nimages: # b\n- newTag: %s\n  # c\n  name: {APP} # d\n", '"%s"', "\r\n"),
        (f"images: [{{name: {APP}, newTag: %s}}, # c\n {{name: redis, newTag: '1'}}]\n", "'%s'", "\n"),
        (f'{ENTRY}    newTag: %s\n    digest: "{DIGEST_A}"\n# c', '"%s"', "\n"),
    ]
)


@settings(max_examples=60, deadline=None)
@given(LAYOUTS, TAGS, VERSIONS)
def test_idempotent(layout: tuple[str, str, str], old: str, version: tuple[str | None, str | None]) -> None:
    text, quotes, newline = layout
    files = overlay((text % (quotes % old)).replace("\n", newline))
    target = str(Image(APP, *version))
    done = bumped(files, target)
    if done.changes:
        done = bumped({**files, PROD: text_of(done)}, target)
    assert done.changes == {}


@settings(max_examples=60, deadline=None)
@given(LAYOUTS, TAGS, TAGS)
def test_there_and_back(layout: tuple[str, str, str], old: str, new: str) -> None:
    """From a tag to a tag and back gives the first bytes; on the way one line differs."""
    text, quotes, newline = layout
    text = text.replace(f'\n    digest: "{DIGEST_A}"', "")
    files = overlay((text % (quotes % old)).replace("\n", newline))
    there = bumped(files, f"{APP}:{new}")
    if old == new:
        assert there.changes == {}
        return
    assert len(changed_lines(files[PROD], text_of(there))) == 1
    assert text_of(bumped({**files, PROD: text_of(there)}, f"{APP}:{old}")) == files[PROD]


def changed_lines(before: str, after: str) -> list[str]:
    """The lines that a diff would show as added."""
    matcher = difflib.SequenceMatcher(
        None, one := before.splitlines(True), two := after.splitlines(True), autojunk=False
    )
    changes = [(one[a:b], two[c:d]) for kind, a, b, c, d in matcher.get_opcodes() if kind != "equal"]
    return [line for _, added in changes for line in added]


# The corpus


@dataclass(frozen=True)
class Case:
    """An entry of the corpus's INDEX.yaml."""

    file: str
    expect: str
    image: str
    current: str | None
    target: str
    note: str

    @property
    def data(self) -> bytes:
        return (CORPUS / self.file).read_bytes()

    @property
    def files(self) -> dict[str, str | bytes]:
        return {
            "apps/x/metadata.yaml": "apiVersion: onboarding/v1\nkind: Api\napi_name: x\n",
            "apps/x/base/kustomization.yaml": "resources:\n  - deployment.yaml\n",
            "apps/x/base/deployment.yaml": BASE % self.image,
            "apps/x/overlays/prod/kustomization.yaml": self.data,
        }

    def bump(self) -> tuple[Api, Bump]:
        repo = repo_of(self.files)
        return repo.apis["x"], bump(repo, repo.apis["x"], "prod", images.parse(self.target))


BASE = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: app
spec:
  selector:
    matchLabels:
      app: app
  template:
    metadata:
      labels:
        app: app
    spec:
      containers:
        - name: app
          image: %s:base
"""

CASES = [Case(**entry) for entry in yaml.safe_load((CORPUS / "INDEX.yaml").read_text(encoding="utf-8"))]
EDITED = [case for case in CASES if case.file == WITH_TABS or case.expect == "edit"]
EDITED = [case for case in EDITED if case.file not in OTHER_REPOSITORY]
REFUSED = [case for case in CASES if case.expect == "refuse" and case.file != WITH_TABS]


def by_file(case: Case) -> str:
    return case.file


@pytest.mark.parametrize("case", EDITED, ids=by_file)
def test_corpus_edited(case: Case) -> None:
    _, done = case.bump()
    assert str(done.new) == case.target
    if case.target == case.current:
        assert done.changes == {}
        return
    after = done.changes[done.path]
    assert after is not None
    gone = [comment for comment in comments(case.data) if comment not in comments(after)]
    assert [comment for comment in comments(case.data) if comment not in gone] == comments(after)
    assert len(gone) <= len(fields(case.data) - fields(after))
    assert after.startswith(b"\xef\xbb\xbf") == case.data.startswith(b"\xef\xbb\xbf")
    assert after.endswith(b"\n") == case.data.endswith(b"\n")
    repo = repo_of({**case.files, done.path: after})
    assert [str(one.image) for one in slots.running(repo.apis["x"], "prod")] == [case.target]
    assert bump(repo, repo.apis["x"], "prod", images.parse(case.target)).changes == {}
    if is_tag_to_tag(case):
        changed = changed_lines(case.data.decode(), after.decode())
        assert len(changed) == 1
        assert images.parse(case.target).tag in changed[0]


def fields(data: bytes) -> set[bytes]:
    """Which of the fields that a bump may take away a text has."""
    return set(re.findall(rb"newTag|digest", data))


def is_tag_to_tag(case: Case) -> bool:
    old, new = images.parse(case.current or ""), images.parse(case.target)
    return bool(old.tag and new.tag and b"newTag" in case.data) and not (old.digest or new.digest or old.tag == "base")


def comments(data: bytes) -> list[bytes]:
    return re.findall(rb"(?:^|(?<=\s))#[^\r\n]*", data)


@pytest.mark.parametrize("case", REFUSED, ids=by_file)
def test_corpus_refused(case: Case) -> None:
    with pytest.raises(BumpRefused) as refused:
        case.bump()
    assert re.match(r"apps/x/overlays/prod/kustomization.yaml:\d+:\d+: ", refused.value.message)
    assert refused.value.hint


@pytest.mark.parametrize("case", [case for case in CASES if case.file in OTHER_REPOSITORY], ids=by_file)
def test_corpus_of_another_repository(case: Case) -> None:
    with pytest.raises(UsageError) as refused:
        case.bump()
    assert not isinstance(refused.value, BumpRefused)


# The real kustomize


def rendered(kustomize: Path, folder: Path, files: dict[str, Any]) -> dict[str, Any]:
    """The one Deployment that kustomize builds from the files."""
    for path, data in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data.encode() if isinstance(data, str) else data)
    done = subprocess.run(
        [kustomize, "build", folder / "apps/x/overlays/prod"], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.fail(done.stderr)
    return next(item for item in yaml.safe_load_all(done.stdout) if item["kind"] == "Deployment")


def image_in(deployment: dict[str, Any]) -> str:
    image = deployment["spec"]["template"]["spec"]["containers"][0]["image"]
    assert isinstance(image, str)
    return image


@pytest.mark.parametrize("case", EDITED, ids=by_file)
def test_corpus_renders(case: Case, kustomize: Path, tmp_path: Path) -> None:
    _, done = case.bump()
    before = rendered(kustomize, tmp_path / "before", case.files)
    assert image_in(before) == (case.current or f"{case.image}:base")
    after = rendered(kustomize, tmp_path / "after", {**case.files, **done.changes})
    assert image_in(after) == case.target
    before["spec"]["template"]["spec"]["containers"][0]["image"] = case.target
    assert before == after


@pytest.mark.parametrize("case", EDITED, ids=by_file)
def test_corpus_agrees_with_edit_set_image(case: Case, kustomize: Path, tmp_path: Path) -> None:
    rendered(kustomize, tmp_path, case.files)
    folder = tmp_path / "apps/x/overlays/prod"
    subprocess.run([kustomize, "edit", "set", "image", f"{case.image}={case.target}"], cwd=folder, check=True)
    done = subprocess.run([kustomize, "build", folder], capture_output=True, text=True, check=True)
    assert (
        image_in(next(item for item in yaml.safe_load_all(done.stdout) if item["kind"] == "Deployment")) == case.target
    )
