"""Where values stand in a file, also in one that somebody wrote to keep us busy."""

import time
from typing import Any

import pytest

from onboarding_tool.legacy.export import EXPORT
from onboarding_tool.yamltext import Mark, locate, read

MANIFESTS = b"a: 1\n---\nkind: x\nspec:\n  - name: y\n    image: z\n"


@pytest.mark.parametrize(
    ("path", "document", "key", "expected"),
    [
        ((), 0, False, (1, 1)),
        (("a",), 0, False, (1, 4)),
        (("a",), 0, True, (1, 1)),
        (("spec", 0, "image"), 1, False, (6, 12)),
        (("spec", 0, "image"), 1, True, (6, 5)),
        (("spec", 0), 1, False, (5, 5)),
        (("spec", 1, "image"), 1, False, (5, 3)),
        (("spec", 0, "command"), 1, False, (5, 5)),
        (("other",), 1, False, (3, 1)),
        (("a",), 9, False, (1, 1)),
    ],
)
def test_locate(path: Any, document: int, key: bool, expected: tuple[int, int]) -> None:
    assert locate(MANIFESTS, path, document, key=key) == Mark(*expected)


@pytest.mark.parametrize(
    "text", ["[" * 60_000, "- " * 30_000, "{a: " * 20_000, "? " * 30_000], ids=lambda text: text[:4]
)
def test_a_place_in_what_is_too_deep_is_its_beginning(text: str) -> None:
    """libyaml would overflow the stack, and nothing catches that."""
    assert locate(text.encode(), ("a", 0)) == Mark(1, 1)


@pytest.mark.parametrize("data", [b"", b"a: [", b"\xff\xfe", b"\0"])
def test_locate_never_raises(data: bytes) -> None:
    assert locate(data, ("a", 0)) == Mark(1, 1)


def test_a_place_is_found_in_any_text_that_could_be_read():
    export = b"- a\n" * 200_000
    assert len(read(export, EXPORT).documents[0]) == 200_000
    assert locate(export, (150_000,)).line == 150_001


def test_ten_thousand_places_take_no_seconds() -> None:
    keys = [f"k{number}" for number in range(10_000)]
    data = "".join(f"{key}: x\n" for key in keys).encode()
    began = time.process_time()
    assert [locate(data, (key,), 0, key=True).line for key in keys] == list(range(1, 10_001))
    assert time.process_time() - began < 2
