"""Which image entries are what they seem; the real kustomize has the last word on what matches."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onboarding_tool.image_entries import TAG_OR_DIGEST, matches, strange_fields, unsafe

A = {"name": "a.b/app", "newTag": "v1"}
NAMES = st.text(alphabet="ab.:/\n", max_size=4)


@pytest.mark.parametrize(
    "entries",
    [
        [],
        [A],
        [A, {"name": "a.b/app2"}],
        [{**A, "newName": "a.b/app"}],
        [{**A, "newName": None, "digest": ""}],
        [{**A, "newTag": None, "digest": f"sha256:{'a' * 64}"}],
        [{"name": "PLACEHOLDER", "newName": "a.b/app"}, {"name": "__IMAGE__", "newName": "a.b/app"}],
        [{"name": "localhost:5000/app", "newTag": "1.10"}],
        # in order: the second is not applied to what the first gives, nor the first to what the second gives
        [A, {"name": "old", "newName": "a.b/app"}],
    ],
)
def test_safe(entries: list[Any]) -> None:
    assert list(unsafe(entries, ["a.b/app:v1", "a.b/app2", "localhost:5000/app"])) == []


@pytest.mark.parametrize(
    ("entries", "index", "words"),
    [
        ([{**A, "tagSuffix": "-x"}], 0, "twice"),
        ([{**A, "NewTag": "x"}], 0, "no field 'NewTag'"),
        ([A, {}], 1, "without a name"),
        ([{"name": 1}], 0, "without a name"),
        ([{"name": "a.b/(app|web)"}], 0, "regular expression"),
        ([{"name": "a.b\\.c"}], 0, "regular expression"),
        ([{"name": "app name"}], 0, "matches no image"),
        ([{"name": "app@sha256:1"}], 0, "has a tag"),
        ([{"name": "app", "newName": "other:1"}], 0, "newName"),
        ([{"name": "app", "newTag": 1.1}], 0, "newTag"),
        ([{"name": "app", "newTag": ["x"]}], 0, "newTag"),
        ([{"name": "app", "digest": "sha512:1"}], 0, "digest"),
        ([A, A], 1, "two entries"),
        ([{"name": "x.y"}], 0, "match x:y too"),
        ([{"name": "old", "newName": "a.b/app"}, A], 0, "rewrites it"),
        ([{"name": "old", "newName": "axb/app"}, A], 0, "rewrites it"),
    ],
)
def test_unsafe(entries: list[Any], index: int, words: str) -> None:
    found = list(unsafe(entries, ["a.b/app:v1", "x:y"]))
    assert [place for place, _, _ in found] == [index]
    assert words in found[0][1]
    assert found[0][2].endswith(".")


def test_strange_fields() -> None:
    assert not list(strange_fields({"images": [], "resources": []}))
    assert not list(strange_fields({"images": None}))
    assert [field for field, _, _ in strange_fields({"Images": [], "imageTags": [], "images": {}})] == [
        "Images",
        "imageTags",
        "images",
    ]


PAIRS = [
    ("app", "app", True),
    ("app", "app:1", True),
    ("app", f"app:1@sha256:{'a' * 64}", True),
    ("app", "app:{TAG}", True),
    ("app", "app:${TAG}", False),
    ("app", "apps:1", False),
    ("app", "a/app:1", False),
    ("app", "App:1", False),
    ("app", "app@sha512:abc", False),
    ("a.b", "a.b:1", True),
    ("a.b", "a-b:1", True),
    ("a.b", "a:b", True),
    ("localhost:5000/app", "localhost:5000/app", True),
    ("localhost", "localhost:5000/app", False),
    ("app:1", "app:1", True),
]


@pytest.mark.parametrize(("name", "image", "expected"), PAIRS)
def test_matches(name: str, image: str, expected: bool) -> None:
    assert matches(name, image) is expected


@settings(max_examples=500)
@given(NAMES, NAMES, st.sampled_from(["", ":v1", "@sha256:a", ":v1@sha256:a", ":", "@"]))
def test_matches_as_the_expression_would(name: str, other: str, behind: str) -> None:
    image = other + behind
    assert matches(name, image) is (re.fullmatch(name + TAG_OR_DIGEST.pattern, image) is not None)


@pytest.mark.parametrize("name", ["c++", "[", "a|b", ".*"])
def test_a_regular_expression_matches_nothing(name: str) -> None:
    assert not matches(name, name)


@pytest.mark.parametrize(("name", "image", "expected"), PAIRS)
def test_kustomize_agrees(name: str, image: str, expected: bool, kustomize: Path, tmp_path: Path) -> None:
    pod = f"apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\nspec:\n  containers:\n    - image: {image!r}\n"
    (tmp_path / "pod.yaml").write_text(pod)
    entry = f"resources: [pod.yaml]\nimages:\n  - name: {name!r}\n    newTag: changed\n"
    (tmp_path / "kustomization.yaml").write_text(entry)
    done = subprocess.run([kustomize, "build", tmp_path], capture_output=True, text=True, check=True)
    assert (":changed" in done.stdout) is expected
