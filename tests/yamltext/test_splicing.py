"""A splice changes one place. Tables of what each edit gives; then properties over generated texts."""

import os
import re
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from onboarding_tool.errors import BugError
from onboarding_tool.yamltext import Path, composing, hidden_character, places, shapes, splicing, writing
from onboarding_tool.yamltext.splicing import SpliceError, append, remove, replace, set_key

# More of them for a long night: ONBOARD_EXAMPLES=5000.
EXAMPLES = int(os.environ.get("ONBOARD_EXAMPLES", "60"))
ITEM = {"name": "app", "newTag": "v2"}


@pytest.mark.parametrize(
    ("text", "path", "value", "expected"),
    [
        ("a: 1\n", ("a",), "v2", "a: v2\n"),
        ("a: v1 # c\nb: 2\n", ("a",), "v2", "a: v2 # c\nb: 2\n"),
        ("a: v1\r\nb: 2\r\n", ("a",), "v2", "a: v2\r\nb: 2\r\n"),
        ("\ufeffa: v1\n", ("a",), "v2", "\ufeffa: v2\n"),
        ("😀: v1 # 😀\n", ("😀",), "v2", "😀: v2 # 😀\n"),
        ("a: v1", ("a",), "v2", "a: v2"),
        ("a: 'v1'\n", ("a",), "v2", "a: 'v2'\n"),
        ("a: 'v1'\n", ("a",), "it's", "a: 'it''s'\n"),
        ("a: 'v1'\n", ("a",), "x\ny", 'a: "x\\ny"\n'),
        ('a: "v1"\n', ("a",), "v2", 'a: "v2"\n'),
        ('a: "v1"\n', ("a",), 'x"y\\', 'a: "x\\"y\\\\"\n'),
        ("a: v1\n", ("a",), "1.10", 'a: "1.10"\n'),
        ("a: v1\n", ("a",), "010", 'a: "010"\n'),
        ("a: v1\n", ("a",), "1e3", 'a: "1e3"\n'),
        ("a: v1\n", ("a",), "yes", 'a: "yes"\n'),
        ("a: v1\n", ("a",), "2026-11-20", 'a: "2026-11-20"\n'),
        ("a: v1\n", ("a",), "", 'a: ""\n'),
        ("a: v1\n", ("a",), "x: y", 'a: "x: y"\n'),
        ("a: v1\n", ("a",), "x #y", 'a: "x #y"\n'),
        ("a: v1\n", ("a",), True, "a: true\n"),
        ("a: v1\n", ("a",), 8080, "a: 8080\n"),
        ("a: v1\n", ("a",), None, "a: null\n"),
        # a number that only looks like the text wanted
        ("a: 1.10\n", ("a",), "1.10", 'a: "1.10"\n'),
        # nothing to do: the place says it already, in its own quotes
        ("a: 'v2'   # c\n", ("a",), "v2", "a: 'v2'   # c\n"),
        ("a: |-\n  v2\n", ("a",), "v2", "a: |-\n  v2\n"),
        ("a: x,y\nb: [v1]\n", ("b", 0), "x,y", 'a: x,y\nb: ["x,y"]\n'),
        ("{a: v1, b: 2}\n", ("a",), "v2", "{a: v2, b: 2}\n"),
        ('{"a":"v1","b":2}\n', ("a",), "v2", '{"a":"v2","b":2}\n'),
        ("a: one\n  two\n  three # c\nb: 1\n", ("a",), "v2", "a: v2 # c\nb: 1\n"),
        ('a: "one\n  two" # c\nb: 1\n', ("a",), "v2", 'a: "v2" # c\nb: 1\n'),
        ("a:\nb: 1\n", ("a",), "v2", "a: v2\nb: 1\n"),
        ("a: # c\nb: 1\n", ("a",), "v2", "a: v2 # c\nb: 1\n"),
        ("a:\n  # c\nb: 1\n", ("a",), "v2", "a: v2\n  # c\nb: 1\n"),
        ("a:", ("a",), "v2", "a: v2"),
        ("a: ~\n", ("a",), "v2", "a: v2\n"),
        ("- x\n-\n- z\n", (1,), "w", "- x\n- w\n- z\n"),
        ("- x\n-   # c\n", (1,), "w", "- x\n- w   # c\n"),
        ("{a: , b: 1}\n", ("a",), "v2", "{a: v2 , b: 1}\n"),
        ("a: |\n  one\n  two\n\n# c\nb: 1\n", ("a",), "v2", "a: v2\n\n# c\nb: 1\n"),
        ("a: >- # why\n  one\n\n  two\nb: 1\n", ("a",), "v2", "a: v2 # why\nb: 1\n"),
        ("a: |2+\n    one\n\nb: 1\n", ("a",), "yes", 'a: "yes"\n\nb: 1\n'),
        ("a: |\nb: 1\n", ("a",), "v2", "a: v2\nb: 1\n"),
        ("a: |\n  one", ("a",), "v2", "a: v2"),
        ("- - a: v1 # c\n    b: 2\n", (0, 0, "a"), "v2", "- - a: v2 # c\n    b: 2\n"),
        ("---\na: v1\n...\n# c\n", ("a",), "v2", "---\na: v2\n...\n# c\n"),
        ("v1\n", (), "v2", "v2\n"),
        ("? a\n: v1 # c\n? b\n: 2\n", ("a",), "v2", "? a\n: v2 # c\n? b\n: 2\n"),
        ("? a\n:\n", ("a",), "v2", "? a\n: v2\n"),
        ('"a": v1\n"b": v1\n', ("b",), "v2", '"a": v1\n"b": v2\n'),
        ("1: v1\n", ("1",), "v2", "1: v2\n"),
    ],
)
def test_replace(text: str, path: Path, value: Any, expected: str) -> None:
    assert replace(text, path, value) == expected


@pytest.mark.parametrize(
    ("text", "path", "key", "value", "after", "expected"),
    [
        ("a: 1\nb: 2 # c\n", (), "a", "v2", None, "a: v2\nb: 2 # c\n"),
        ("a: 1\nb: 2 # c\n", (), "d", "v2", None, "a: 1\nb: 2 # c\nd: v2\n"),
        ("a: 1 # c\nb: 2\n", (), "d", "v2", "a", "a: 1 # c\nd: v2\nb: 2\n"),
        ("a: 1\r\nb: 2\r\n", (), "d", "v2", "a", "a: 1\r\nd: v2\r\nb: 2\r\n"),
        ("a: 1", (), "d", "v2", None, "a: 1\nd: v2"),
        ("a: 1\r\nb: 2", (), "d", "v2", None, "a: 1\r\nb: 2\r\nd: v2"),
        ("a: 1 # c", (), "d", "v2", None, "a: 1 # c\nd: v2"),
        ("\ufeffa: 1\n", (), "d", "v2", None, "\ufeffa: 1\nd: v2\n"),
        ("a: 1\n...\n", (), "d", "v2", None, "a: 1\nd: v2\n...\n"),
        ("a: 1\n\n# end\n", (), "d", "v2", None, "a: 1\nd: v2\n\n# end\n"),
        ("a:\n  - 1\n  # - 2\n\nb: 1\n", (), "d", "v2", "a", "a:\n  - 1\n  # - 2\nd: v2\n\nb: 1\n"),
        ("a:\n- 1\n# - 2\n", (), "d", "v2", None, "a:\n- 1\n# - 2\nd: v2\n"),
        ("a: 1\n# about b\nb: 2\n", (), "d", "v2", "a", "a: 1\nd: v2\n# about b\nb: 2\n"),
        ("a: {}\n", ("a",), "d", "v2", None, "a: {d: v2}\n"),
        ("{}", (), "d", "v2", None, "{d: v2}"),
        ("{ } # c\n", (), "d", "v2", None, "{d: v2 } # c\n"),
        ("{a: 1, b: 2}\n", (), "d", "x,y", None, '{a: 1, b: 2, d: "x,y"}\n'),
        ("{a: 1, b: 2}\n", (), "d", "v2", "a", "{a: 1, d: v2, b: 2}\n"),
        ("{a: 1,\n b: 2, # c\n}\n", (), "d", ["x", ITEM], None,
         "{a: 1,\n b: 2, d: [x, {name: app, newTag: v2}], # c\n}\n"),
        ("- {name: a}\n", (0,), "newTag", "v2", "name", "- {name: a, newTag: v2}\n"),
        ("- name: a\n- name: b\n", (0,), "newTag", "1.10", "name", '- name: a\n  newTag: "1.10"\n- name: b\n'),
        ("-   name: a\n", (0,), "newTag", "v2", "name", "-   name: a\n    newTag: v2\n"),
        ("-\n  name: a # c\n  # d\n", (0,), "newTag", "v2", "name", "-\n  name: a # c\n  # d\n  newTag: v2\n"),
        ("", (), "a", "v2", None, "a: v2\n"),
        ("# c\n", (), "a", "v2", None, "# c\na: v2\n"),
        ("# c", (), "a", "v2", None, "# c\na: v2"),
        ("---\n", (), "a", "v2", None, "---\na: v2\n"),
        ("---", (), "a", "v2", None, "---\na: v2"),
        ("--- # c\n", (), "a", "v2", None, "--- # c\na: v2\n"),
        ("---\n# c\n...\n", (), "a", "v2", None, "---\n# c\na: v2\n...\n"),
        ("~\n", (), "a", "v2", None, "{a: v2}\n"),
        ("a:\nb: 1\n", ("a",), "d", "v2", None, "a:\n  d: v2\nb: 1\n"),
        ("a: ~ # c\nb:\n    e: 1\n", ("a",), "d", "v2", None, "a: # c\n    d: v2\nb:\n    e: 1\n"),
        ("a:\n  # c\nb: 1\n", ("a",), "d", "v2", None, "a:\n  # c\n  d: v2\nb: 1\n"),
        ("- \n- x\n", (0,), "d", "v2", None, "- {d: v2} \n- x\n"),
        ("{a: }\n", ("a",), "d", "v2", None, "{a: {d: v2} }\n"),
        ("a: 1\n", (), "images", [ITEM], None, "a: 1\nimages:\n  - name: app\n    newTag: v2\n"),
        ("r:\n- x\n", (), "images", [ITEM], None, "r:\n- x\nimages:\n- name: app\n  newTag: v2\n"),
        ("r:\r\n    - x", (), "images", [ITEM], None,
         "r:\r\n    - x\r\nimages:\r\n    - name: app\r\n      newTag: v2"),
        ("a: 1\n", (), "m", {"x": {"w": "z"}}, None, "a: 1\nm:\n  x:\n    w: z\n"),
        ("a: 1\n", (), "m", {}, None, "a: 1\nm: {}\n"),
        ("a: 1\n", (), "m", writing.Flow({"x": "w"}), None, "a: 1\nm: {x: w}\n"),
        ("a: 1\nm:\n", (), "m", [ITEM], None, "a: 1\nm:\n  - name: app\n    newTag: v2\n"),
        ("a: 1\nm: # c\n", (), "m", [], None, "a: 1\nm: [] # c\n"),
        ("m: ~\n", (), "m", writing.Flow(["x"]), None, "m: [x]\n"),
        ("m:\n  - name: 'app'\n    newTag: v2\n", (), "m", [ITEM], None, "m:\n  - name: 'app'\n    newTag: v2\n"),
        ("a: |\n  x\n\n# c\nb: 1\n", (), "d", "v2", "a", "a: |\n  x\n\nd: v2\n# c\nb: 1\n"),
        ("a: |+\n  x\n\n\nb: 1\n", (), "d", "v2", "a", "a: |+\n  x\n\n\nd: v2\nb: 1\n"),
        ("a: |-\n  x", (), "d", "v2", None, "a: |-\n  x\nd: v2"),
        ("a: 1", (), "d", "x\ny\n", None, "a: 1\nd: |\n  x\n  y\n"),
        ("a:\n  b: |\n    x\n    # no comment\n  # c\ne: 1\n", ("a",), "d", "v2", None,
         "a:\n  b: |\n    x\n    # no comment\n  # c\n  d: v2\ne: 1\n"),
        ("? a\n: 1\n", (), "d", "v2", None, "? a\n: 1\nd: v2\n"),
        ('{"a": "b"}\n', (), "d", [{"x": "1.10"}], None, '{"a": "b", "d": [{"x": "1.10"}]}\n'),
        ('{\n  "a": ["b"]\n}', (), "d", writing.Flow(["x", None]), None, '{\n  "a": ["b"], "d": ["x", null]\n}'),
        ("a:\n", (), "key: odd", "v", None, 'a:\n"key: odd": v\n'),
    ],
)  # fmt: skip
def test_set_key(text: str, path: Path, key: str, value: Any, after: str | None, expected: str) -> None:
    edited = set_key(text, path, key, value, after=after)
    assert edited == expected
    assert set_key(edited, path, key, value, after=after) == expected


@pytest.mark.parametrize(
    ("text", "path", "value", "expected"),
    [
        ("a:\n  - x # c\n", ("a",), "new", "a:\n  - x # c\n  - new\n"),
        ("a:\n- x\nb: 1\n", ("a",), "new", "a:\n- x\n- new\nb: 1\n"),
        ("a:\n- x\n# - old\nb: 1\n", ("a",), "new", "a:\n- x\n# - old\n- new\nb: 1\n"),
        ("a:\n- x", ("a",), "1.10", 'a:\n- x\n- "1.10"'),
        ("a:\r\n  - x\r\n\r\nb: 1\r\n", ("a",), "new", "a:\r\n  - x\r\n  - new\r\n\r\nb: 1\r\n"),
        ("a:\n  - name: x\n    newTag: v1\n  # d\n", ("a",), ITEM,
         "a:\n  - name: x\n    newTag: v1\n  # d\n  - name: app\n    newTag: v2\n"),
        ("a:\n  -   name: x\n", ("a",), ITEM, "a:\n  -   name: x\n  -   name: app\n      newTag: v2\n"),
        ("a:\n  -\n    name: x\n", ("a",), ITEM, "a:\n  -\n    name: x\n  - name: app\n    newTag: v2\n"),
        ("a: [x]\n", ("a",), "new", "a: [x, new]\n"),
        ("a: [\n  x, # c\n]\n", ("a",), "new", "a: [\n  x, new, # c\n]\n"),
        ("a: [{name: x}]\n", ("a",), ITEM, "a: [{name: x}, {name: app, newTag: v2}]\n"),
        ("a: []\n", ("a",), "new", "a: [new]\n"),
        ("a: [] # c\nb: 1\n", ("a",), ITEM, "a: # c\n  - name: app\n    newTag: v2\nb: 1\n"),
        ("r:\n- x\na: []", ("a",), ITEM, "r:\n- x\na:\n- name: app\n  newTag: v2"),
        ("{a: []}\n", ("a",), ITEM, "{a: [{name: app, newTag: v2}]}\n"),
        ("- []\n", (0,), ITEM, "- [{name: app, newTag: v2}]\n"),
        ("[]\n", (), ITEM, "[{name: app, newTag: v2}]\n"),
        ('{"a": []}', ("a",), ITEM, '{"a": [{"name": "app", "newTag": "v2"}]}'),
        ("a: [\n]\n", ("a",), ITEM, "a:\n  - name: app\n    newTag: v2\n"),
        ("a: [\n  # c\n]\n", ("a",), ITEM, "a: [{name: app, newTag: v2}\n  # c\n]\n"),
        ("a:\nb: 1\n", ("a",), "new", "a:\n  - new\nb: 1\n"),
        ("a: null # c\nb: 1\n", ("a",), ITEM, "a: # c\n  - name: app\n    newTag: v2\nb: 1\n"),
        ("a:\n  # - name: x\n  #   newTag: v1\nb: 1\n", ("a",), ITEM,
         "a:\n  # - name: x\n  #   newTag: v1\n  - name: app\n    newTag: v2\nb: 1\n"),
        ("", (), "new", "- new\n"),
        ("---\n", (), "new", "---\n- new\n"),
        ("- x\n", (), ["new", "z"], "- x\n- - new\n  - z\n"),
        ("- - x\n  - new\n- z\n", (0,), "w", "- - x\n  - new\n  - w\n- z\n"),
        ("- x\n", (), "one\ntwo\n", "- x\n- |\n  one\n  two\n"),
        ("- x", (), "one\ntwo\n", "- x\n- |\n  one\n  two\n"),
        ("a:\n  - |\n    x\n\n\nb: 1\n", ("a",), "new", "a:\n  - |\n    x\n\n\n  - new\nb: 1\n"),
        ("-\n- x\n", (), "new", "-\n- x\n- new\n"),
    ],
)  # fmt: skip
def test_append(text: str, path: Path, value: Any, expected: str) -> None:
    assert append(text, path, value) == expected


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("a: 1\nb: 2 # c\nd: 3\n", ("b",), "a: 1\nd: 3\n"),
        ("a: 1\n# above\nb: 2\n# below\nd: 3\n", ("b",), "a: 1\n# above\n# below\nd: 3\n"),
        ("a: 1\r\nb: 2\r\n", ("a",), "b: 2\r\n"),
        ("\ufeffa: 1\nb: 2\n", ("a",), "\ufeffb: 2\n"),
        ("a: 1\nb: 2", ("b",), "a: 1\n"),
        ("a: 1\nb:\n  c: 2\n  # in\n  d: 3 # e\n  # after\nf: 1\n", ("b",), "a: 1\n  # after\nf: 1\n"),
        ("a: 1\nb: |\n  x\n\n  y\n\nd: 3\n", ("b",), "a: 1\n\nd: 3\n"),
        ("a: 1\nb:\nd: 3\n", ("b",), "a: 1\nd: 3\n"),
        ("- name: a\n  digest: x # c\n  newTag: b\n", (0, "digest"), "- name: a\n  newTag: b\n"),
        ("- digest: x # c\n  name: a\n", (0, "digest"), "- name: a\n"),
        ("- digest: x # c\n  # about\n  name: a\n", (0, "digest"), "-\n  # about\n  name: a\n"),
        ("- name: a\n", (0, "name"), "- {}\n"),
        ("- name: a # c\n# d\n", (0, "name"), "- {}\n# d\n"),
        ("- x\n- y # c\n- z\n", (1,), "- x\n- z\n"),
        ("- x\n# - no\n-\n  y: 1\n- z\n", (1,), "- x\n# - no\n- z\n"),
        ("- - x\n  - y\n", (0, 0), "- - y\n"),
        ("- - x\n  - y\n", (0, 1), "- - x\n"),
        ("- - x\n", (0, 0), "- []\n"),
        ("a:\n  - x\n", ("a", 0), "a: []\n"),
        ("a: # c\n- x # d\n# e\nb: 1\n", ("a", 0), "a: [] # c\n# e\nb: 1\n"),
        ("a:\n  # c\n  b: 1\nd: 1\n", ("a", "b"), "a: {}\n  # c\nd: 1\n"),
        ("a:\n  - x", ("a", 0), "a: []\n"),
        ("a: 1\n", ("a",), "{}\n"),
        ("# c\na: 1 # d\n", ("a",), "# c\n{}\n"),
        ("- x\n", (0,), "[]\n"),
        ("{a: 1, b: 2, c: 3}\n", ("a",), "{b: 2, c: 3}\n"),
        ("{a: 1, b: 2, c: 3}\n", ("b",), "{a: 1, c: 3}\n"),
        ("{a: 1, b: 2, c: 3}\n", ("c",), "{a: 1, b: 2}\n"),
        ("{a: 1}\n", ("a",), "{}\n"),
        ("[a, ]\n", (0,), "[]\n"),
        ("[a,b]\n", (1,), "[a]\n"),
        ("[a,b,]\n", (1,), "[a,]\n"),
        ("[\n  a, # c\n  # d\n  b, # e\n]\n", (0,), "[\n  # d\n  b, # e\n]\n"),
        ("[\n  a, # c\n  # d\n  b # e\n]\n", (1,), "[\n  a, # c\n  # d\n]\n"),
        ("[\n  a # c\n  , b]\n", (0,), "[\n  b]\n"),
        ("[a,\n b]\n", (1,), "[a,\n ]\n"),
        ("[a, # c\n b]\n", (0,), "[# c\n b]\n"),
        ("{a, b: 1}\n", ("a",), "{b: 1}\n"),
        ("a: |\n  x\nb: 1\nc: 2\n", ("b",), "a: |\n  x\nc: 2\n"),
        ("? a\n: 1\n? b\n: 2\n", ("b",), "? a\n: 1\n"),
        ("- ? a\n  : 1\n  b: 2\n", (0, "a"), "- b: 2\n"),
        ("{? a : 1, b: 2}\n", ("a",), "{b: 2}\n"),
        ("a: 1\nb: 2\n...\n", ("b",), "a: 1\n...\n"),
    ],
)
def test_remove(text: str, path: Path, expected: str) -> None:
    assert remove(text, path) == expected


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a: 1\nb: &x 2\n", 2, "is an anchor"),
        ("a: 1\nb: *x\n", 2, "undefined alias"),
        ("a: 1\nb: !!str 2\n", 2, "is an explicit tag"),
        ("a: 1\na: 2\n", 2, "stands twice"),
        ("a: 1\nb:\n  <<: {c: 1}\n", 3, "is the merge key"),
        ("a: 1\n---\nb: 1\n", 3, "a second document"),
        ("a: 1\nb: [\n", 3, "not YAML"),
        ("%YAML 1.1\n---\na: 1\n", 1, "a % directive"),
        ("a: 1\nb: x\u202ey\n", 2, "invisible"),
        ("a: 1\rb: 1\n", 1, "U+000D"),
        ("a: 1\n? b\nc: 1\n", 2, "question mark"),
        ("a: 1\n?\n  b\n: 1\n", 2, "question mark"),
        ("a: 1\nb: [c: 1]\n", 2, "without braces"),
        ("[a, b]: 1\n", 1, "a key that is a list"),
        ("x: 1\n", 1, "there is no a"),
        ("[1]\n", 1, "there is no a"),
        ("# c\n", 1, "empty"),
    ],
)
def test_refused_by_every_edit(text: str, line: int, message: str) -> None:
    edits = [
        lambda: replace(text, ("a",), "v2"),
        lambda: set_key(text, ("a",), "c", "v2"),
        lambda: append(text, ("a",), "v2"),
        lambda: remove(text, ("a",)),
    ]
    for edit in edits:
        with pytest.raises(SpliceError, match=re.escape(message)) as refused:
            edit()
        assert (refused.value.line, refused.value.column >= 1) == (line, True)


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda: replace("a: [1]\n", ("a",), "v2"), "a is no scalar"),
        (lambda: replace("a: 1\n", ("a",), ["v2"]), "only a scalar"),
        (lambda: replace("---\n", (), "v2"), "empty"),
        (lambda: replace("{a, b: 1}\n", ("a",), "v2"), "no colon"),
        (lambda: replace("a: [1]\n", ("a", 1), "v2"), "there is no a.1"),
        (lambda: replace("a: [1]\n", ("a", -1), "v2"), "there is no a.-1"),
        (lambda: set_key("a: 1\n", ("a",), "b", "v2"), "a is no mapping"),
        (lambda: set_key("a: 1\n", (), "b", "v2", after="c"), "there is no c"),
        (lambda: set_key("a: [1]\n", (), "a", "v2"), "a is no scalar"),
        (lambda: set_key("a: [1]\n", (), "a", ["v2"]), "has a value already"),
        (lambda: set_key("a: |\n  x", (), "b", "v2"), "would give it one"),
        (lambda: set_key("a: 1\n", (), "b", "x\u202ey"), "invisible character U+202E"),
        (lambda: set_key("a: 1\n", (), "b\u200b", "x"), "invisible character U+200B"),
        (lambda: set_key("a: 1\n", (), "b", writing.Flow([{"c": "\udc80"}])), "no Unicode text"),
        (lambda: append("a: 1\n", ("a",), "v2"), "a is no list"),
        (lambda: append("a: {b: 1}\n", ("a",), "v2"), "a is no list"),
        (lambda: remove("a: 1\n", ()), "the document itself"),
        (lambda: remove("a: |+\n  x\nb: 1\n\nc: 1\n", ("b",)), "would become part"),
        (lambda: remove("a: |\n  x\nb: 1\n  # c\nd: 1\n", ("b",)), "would become part"),
    ],
)
def test_refused(edit: Any, message: str) -> None:
    with pytest.raises(SpliceError, match=re.escape(message)):
        edit()


def test_an_edit_that_changes_more_is_a_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    applied = splicing._applied
    monkeypatch.setattr(splicing, "_applied", lambda text, edits: applied(text, edits).replace("other", "wrong"))
    with pytest.raises(BugError, match="changed more"):
        replace("a: v1\nb: other\n", ("a",), "v2")


def test_an_edit_that_breaks_the_text_is_a_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(splicing, "_applied", lambda text, edits: text + "b: [\n")
    with pytest.raises(BugError, match="broke it"):
        replace("a: v1\n", ("a",), "v2")


@pytest.mark.parametrize("other", ["v1", "'other'", "other\nd: 1", "[other]"])
def test_shapes_see_every_change(other: str) -> None:
    before, after = shapes.of("a: v1\nb: other\n"), shapes.of(f"a: v2\nb: {other}\n")
    assert not shapes.fits(shapes.with_value(before, ("a",), "v2"), after)


def test_shapes_see_order_and_keys() -> None:
    assert not shapes.fits(shapes.of("a: 1\nb: 2\n"), shapes.of("b: 2\na: 1\n"))
    assert not shapes.fits(shapes.of("a: 1\n"), shapes.of("'a': 1\n"))
    assert not shapes.fits(shapes.of("[]\n"), shapes.of("{}\n"))
    assert shapes.fits(shapes.of("a: {b: [1]}\n"), shapes.of("a:\n  b:\n    - 1\n"))


@pytest.mark.parametrize(
    "text", ["a: v1\nb:\n- {c: [d, e]} # c\n-\n", "a: |\n x\n\nb:\n # c\n- 'd'\n- e: f\n", "# c\n"]
)
def test_the_pure_python_parser_gives_the_same_places(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with_c = (set_key(text, (), "a", "v2"), set_key(text, (), "z", [ITEM]))
    monkeypatch.setattr(composing, "Loader", yaml.BaseLoader)
    assert (set_key(text, (), "a", "v2"), set_key(text, (), "z", [ITEM])) == with_c


# Properties, over texts in every layout that the grammar below can write. Every comment has a number of its own.

WORDS = st.sampled_from(
    ["v1", "app", "1.10", "a b", "x:y", "it's", 'say "hi"', "😀", "yes", "ghcr.io/a/b:v1", "a#b", "~"]
)
KEYS = st.sampled_from(["name", "newTag", "images", "a", "b-c", "d.e", "😀"])
VISIBLE = st.text(max_size=20).filter(lambda text: not hidden_character(text))
NEW_SCALARS = st.one_of(WORDS, VISIBLE, st.booleans(), st.integers(0, 99999), st.none())
NEW_VALUES = st.one_of(
    NEW_SCALARS,
    st.dictionaries(KEYS, NEW_SCALARS, max_size=3),
    st.lists(NEW_SCALARS, max_size=3),
    st.just(ITEM),
    st.just(writing.Flow(ITEM)),
)


class Layout:
    """Writes a random value in a random layout."""

    def __init__(self, draw: Any) -> None:
        self.draw = draw
        self.comments = 0

    def chance(self, percent: int) -> bool:
        return bool(self.draw(st.integers(0, 99)) >= 100 - percent)

    def comment(self) -> str:
        self.comments += 1
        return f"#c{self.comments};" + self.draw(st.sampled_from(["", " - x: 1", " 'it", " [", ' "', ": |"]))

    def end_of_line(self) -> str:
        return self.draw(st.sampled_from(["", "", " ", "  "])) + (f" {self.comment()}" if self.chance(20) else "")

    def between(self, deepest: int) -> list[str]:
        """Comments and blank lines before an entry; below a block scalar a deep comment would be its text."""
        lines = []
        while self.chance(20):
            indent = " " * self.draw(st.integers(0, deepest))
            lines.append(self.draw(st.sampled_from(["", "", indent + self.comment()])))
        return lines

    def text(self) -> list[str]:
        lines = self.between(0) + (["---" + self.end_of_line()] if self.chance(20) else []) + self.between(0)
        if self.chance(90):
            lines += self.block(0, depth=0)
        return lines + self.between(0) + (["...", *self.between(0)] if self.chance(10) else [])

    def block(self, column: int, depth: int) -> list[str]:
        if self.chance(60 if depth else 85):
            return self.mapping(column, depth)
        return self.items(column, depth)

    def mapping(self, column: int, depth: int) -> list[str]:
        lines: list[str] = []
        keys = self.draw(st.lists(KEYS, min_size=1, max_size=4, unique=True))
        for key in keys:
            written = self.draw(st.sampled_from([key, key, f"'{key}'", f'"{key}"']))
            lines += self.entry(f"{' ' * column}{written}:", column, depth, in_list=False, first=not lines)
        return lines

    def items(self, column: int, depth: int) -> list[str]:
        lines: list[str] = []
        for _ in range(self.draw(st.integers(1, 3))):
            lines += self.entry(f"{' ' * column}-", column, depth, in_list=True, first=not lines)
        return lines

    def entry(self, head: str, column: int, depth: int, *, in_list: bool, first: bool) -> list[str]:
        before = [] if first else self.between(column)
        kind = 99 - self.draw(st.integers(0, 99))
        if kind < 40 and depth < 3:
            if in_list and self.chance(70):
                width = self.draw(st.integers(1, 3))
                lines = self.block(column + 1 + width, depth + 1)
                return [*before, head + " " * width + lines[0].lstrip(" "), *lines[1:]]
            if not in_list and self.chance(30):
                return [*before, head + self.end_of_line(), *self.between(column), *self.items(column, depth + 1)]
            deeper = column + self.draw(st.integers(1, 4))
            return [*before, head + self.end_of_line(), *self.between(deeper), *self.block(deeper, depth + 1)]
        if kind < 55:
            return [*before, *self.block_scalar(head, column)]
        if kind < 65:
            return [*before, head + self.end_of_line()]
        if kind < 75:
            return [*before, head + " " + self.flow(column, depth) + self.end_of_line()]
        return [*before, head + " " + self.scalar() + self.end_of_line()]

    def block_scalar(self, head: str, column: int) -> list[str]:
        pad = " " * (column + self.draw(st.integers(1, 3)))
        header = self.draw(st.sampled_from(["|", ">", "|-", ">-", "|+", ">+"]))
        lines = self.draw(st.lists(st.sampled_from(["one", "two # no", "", "  deeper"]), max_size=3))
        body = [pad + line if line else "" for line in ["first", *lines]]
        return [f"{head} {header}{self.end_of_line()}", *body]

    def flow(self, column: int, depth: int) -> str:
        line = "\n" + " " * (column + 2)
        gap = self.draw(st.sampled_from(["", " ", line, f" #c{self.next()};{line}"]))
        count = self.draw(st.integers(0, 3))
        if self.chance(50):
            keys = self.draw(st.lists(KEYS, min_size=count, max_size=count, unique=True))
            pieces, ends = [f"{key}: {self.flow_value(column, depth)}" for key in keys], "{}"
        else:
            pieces, ends = [self.flow_value(column, depth) for _ in range(count)], "[]"
        comma = self.draw(st.sampled_from([",", ""])) if pieces else ""
        # A comment may stand in one gap only, or it would not have a number of its own.
        plain = gap if "#" not in gap else " "
        return ends[0] + gap + f",{plain or ' '}".join(pieces) + comma + plain + ends[1]

    def next(self) -> int:
        self.comments += 1
        return self.comments

    def flow_value(self, column: int, depth: int) -> str:
        return self.flow(column + 2, depth + 1) if depth < 3 and self.chance(20) else self.scalar(flow=True)

    def scalar(self, *, flow: bool = False) -> str:
        word = self.draw(WORDS)
        style = self.draw(st.sampled_from("'\"pp"))
        if style == "'":
            return "'" + word.replace("'", "''") + "'"
        return writing.quoted(word) if style == '"' or (flow and "'" in word) else word


@st.composite
def texts(draw: Any) -> str:
    lines = Layout(draw).text()
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    text = newline.join("\n".join(lines).split("\n")) + draw(st.sampled_from([newline, newline, ""]))
    return draw(st.sampled_from(["", "", "\ufeff"])) + text


def places_of(value: Any, path: Path = ()) -> list[tuple[Path, Any]]:
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [(path, value), *(place for step, item in below for place in places_of(item, (*path, step)))]


def loaded(text: str) -> Any:
    return yaml.load(text.removeprefix("\ufeff"), yaml.BaseLoader)  # BaseLoader makes text only


def editable(text: str) -> list[tuple[Path, Any]]:
    """Every place of a text, if it is one that splices accept at all."""
    try:
        places.compose(text.removeprefix("\ufeff"))
        shapes.of(text.removeprefix("\ufeff"))
    except (SpliceError, shapes.ParserError):
        assume(False)
    return places_of(loaded(text))


def spliced(edit: Callable[[], str], refusal: str) -> str:
    """What an edit gives; a text for which it may be refused is no example."""
    try:
        return edit()
    except SpliceError as refused:
        if refusal not in refused.message:
            raise
    assume(False)
    return ""


def comments(text: str) -> list[str]:
    return re.findall(r"#c\d+;", text)


def changed_lines(before: str, after: str) -> tuple[list[str], list[str]]:
    """What is left of two texts when the lines they begin and end with alike are taken away."""
    one, two = before.splitlines(), after.splitlines()
    while one and two and one[0] == two[0]:
        del one[0], two[0]
    while one and two and one[-1] == two[-1]:
        del one[-1], two[-1]
    return one, two


def frame(before: str, after: str) -> None:
    """What every edit leaves: the byte order mark, the newlines, the missing last one, all comments in their order."""
    assert before.startswith("\ufeff") == after.startswith("\ufeff")
    if "\r\n" in before:
        assert "\n" not in after.replace("\r\n", "")


@settings(max_examples=EXAMPLES, deadline=None)
@given(texts(), NEW_SCALARS, st.data())
def test_replace_changes_one_scalar(text: str, value: Any, data: st.DataObject) -> None:
    scalars = [(path, old) for path, old in editable(text) if isinstance(old, str) and path]
    assume(scalars)
    path, _ = data.draw(st.sampled_from(scalars))
    after = spliced(lambda: replace(text, path, value), "no colon")
    frame(text, after)
    assert comments(after) == comments(text)
    assert text.endswith("\n") == after.endswith("\n")
    one, two = changed_lines(text, after)
    node = places.trail(places.compose(text.removeprefix("\ufeff")), path)[-1]
    assert len(two) <= 1
    assert len(one) <= node.end_mark.line - node.start_mark.line + 1
    others = [place for place in places_of(loaded(text)) if place[0][: len(path)] != path and isinstance(place[1], str)]
    assert all(place in places_of(loaded(after)) for place in others)
    assert replace(after, path, value) == after


@settings(max_examples=EXAMPLES, deadline=None)
@given(texts(), KEYS, NEW_VALUES, st.data())
def test_set_key_adds_lines_and_takes_none(text: str, key: str, value: Any, data: st.DataObject) -> None:
    mappings = [(path, old) for path, old in editable(text) if isinstance(old, dict) and key not in old]
    assume(mappings)
    path, old = data.draw(st.sampled_from(mappings))
    after_key = data.draw(st.sampled_from([None, *old]))
    after = spliced(lambda: set_key(text, path, key, value, after=after_key), "would give it one")
    frame(text, after)
    assert comments(after) == comments(text)
    assert set_key(after, path, key, value) == after
    assert list(loaded_at(after, path)) == with_key_after(list(old), key, after_key)
    undone(text, remove(after, (*path, key)))


@settings(max_examples=EXAMPLES, deadline=None)
@given(texts(), NEW_VALUES, st.data())
def test_append_adds_lines_and_takes_none(text: str, value: Any, data: st.DataObject) -> None:
    lists = [(path, old) for path, old in editable(text) if isinstance(old, list)]
    assume(lists)
    path, old = data.draw(st.sampled_from(lists))
    after = spliced(lambda: append(text, path, value), "would give it one")
    frame(text, after)
    assert comments(after) == comments(text)
    assert loaded_at(after, path)[:-1] == old
    if old:
        undone(text, remove(after, (*path, len(old))))


def loaded_at(text: str, path: Path) -> Any:
    return dict(places_of(loaded(text)))[path]


def with_key_after(keys: list[str], key: str, after: str | None) -> list[str]:
    cut = keys.index(after) + 1 if after is not None else len(keys)
    return [*keys[:cut], key, *keys[cut:]]


def undone(before: str, after: str) -> None:
    """An addition taken back gives the first bytes, but for a newline at the end."""
    assert after.rstrip("\r\n") == before.rstrip("\r\n")


@settings(max_examples=EXAMPLES, deadline=None)
@given(texts(), st.data())
def test_remove_takes_lines_and_adds_none(text: str, data: st.DataObject) -> None:
    all_places = [place for place in editable(text) if place[0]]
    assume(all_places)
    path, _ = data.draw(st.sampled_from(all_places))
    after = spliced(lambda: remove(text, path), "would become part")
    frame(text, after)
    one, two = changed_lines(text, after)
    assert len([line for line in two if line not in one]) <= 2
    left = iter(comments(text))
    assert all(comment in left for comment in comments(after))
    parent = loaded_at(text, path[:-1])
    del parent[path[-1]]
    assert loaded_at(after, path[:-1]) == parent


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.text(max_size=60), KEYS, NEW_VALUES)
def test_any_text_is_edited_or_refused(text: str, key: str, value: Any) -> None:
    try:
        after = set_key(text, (), key, value)
    except SpliceError:
        return
    assert set_key(after, (), key, value) == after
