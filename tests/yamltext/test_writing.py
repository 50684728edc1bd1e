"""What is written is read back as what was meant, by every reader there is."""

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from onboarding_tool.yamltext import KUSTOMIZATION, OURS, Flow, dump, hidden_character, read, scalar, writing


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("v1.9.3", "v1.9.3"),
        ("europe-docker.pkg.dev/acme/app:v1", "europe-docker.pkg.dev/acme/app:v1"),
        ("two words", "two words"),
        ("", '""'),
        ("1.10", '"1.10"'),
        ("010", '"010"'),
        ("1e3", '"1e3"'),
        ("yes", '"yes"'),
        ("null", '"null"'),
        ("2026-11-20", '"2026-11-20"'),
        ("12:30", '"12:30"'),
        ("a: b", '"a: b"'),
        ("a #b", '"a #b"'),
        ("#b", '"#b"'),
        ("- a", '"- a"'),
        ("*a", '"*a"'),
        ("a ", '"a "'),
        ('a "b"', '"a \\"b\\""'),
        ("x\u202ey", '"x\\u202Ey"'),
        ("x\U000e0041", '"x\\U000E0041"'),
        (None, "null"),
        (True, "true"),
        (8080, "8080"),
        (1.5, "1.5"),
    ],
)
def test_scalar(value: Any, expected: str) -> None:
    assert scalar(value) == expected


def test_flow_quotes_more() -> None:
    assert scalar("a,b") == "a,b"
    assert scalar("a,b", flow=True) == '"a,b"'
    assert writing.inline({"a": ["b,c", {"d": None}]}) == '{a: ["b,c", {d: null}]}'


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"a": 1, "b": {"c": "d"}}, "a: 1\nb:\n  c: d\n"),
        ({"a": [1, {"b": 2, "c": 3}]}, "a:\n  - 1\n  - b: 2\n    c: 3\n"),
        ({"a": [], "b": {}}, "a: []\nb: {}\n"),
        ([["a"], "b"], "- - a\n- b\n"),
        ({"a": Flow({"b": [1]})}, "a: {b: [1]}\n"),
        ({"a": "x\ny\n"}, "a: |\n  x\n  y\n"),
        ({"a": "x\ny"}, "a: |-\n  x\n  y\n"),
        ({"a": "x\n\ny\n\n\n"}, "a: |+\n  x\n\n  y\n\n\n"),
        ({"a": " x\ny"}, 'a: " x\\ny"\n'),
        ("x", "x\n"),
    ],
)
def test_dump(value: Any, expected: str) -> None:
    assert dump(value) == expected
    assert dump(value, 2).replace("\n  ", "\n") == f"  {expected}" or isinstance(value, dict | list)


def test_indent() -> None:
    assert dump({"a": [{"b": "x\ny\n"}]}, 4) == "    a:\n      - b: |\n          x\n          y\n"


VISIBLE = st.text(max_size=20).filter(lambda text: not hidden_character(text))
ODD = [*"-?:%@`~=", "---", "--- x", "- x", "? x", ": x", "a:", "a: ", "%x", "@x", "`x", "<<", "!x", "&x", "{x", "x, y"]
ODD += ["\n", "\nx", "x\r\n", "x\n ", " \nx", "\t", "x\ty", "x\n# y\n", "..", "....", "a ..."]
TEXTS = VISIBLE | st.sampled_from(ODD)
SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
# No file of ours is one scalar, and a block of text at the very top is written wrongly.
WHOLE = st.lists(VALUES, max_size=4) | st.dictionaries(TEXTS, VALUES, max_size=4)


@settings(max_examples=300)
@given(WHOLE)
def test_everyone_reads_it_back(value: Any) -> None:
    written = dump(value)
    for dialect in (OURS, KUSTOMIZATION):
        parsed = read(written.encode(), dialect)
        assert not parsed.problems
        assert parsed.documents == (value,)
    assert yaml.safe_load(written) == value
    assert YAML(typ="safe", pure=True).load(written) == value


@pytest.mark.parametrize("value", ["...", "... x", {"... x": "a"}])
def test_the_end_marker_is_quoted(value: Any) -> None:
    assert read(dump(value).encode(), OURS).documents == (value,)


def test_text_with_tabs_and_lines() -> None:
    assert read(dump({"a": "x\n\ty\n"}).encode(), OURS).documents == ({"a": "x\n\ty\n"},)


@given(VALUES)
def test_inline_is_one_line(value: Any) -> None:
    written = writing.inline(value)
    assert "\n" not in written
    assert read(written.encode(), OURS).documents == (value,)


@given(WHOLE, st.integers(0, 6))
def test_indented(value: Any, indent: int) -> None:
    head = "".join(f"{' ' * depth}k:\n" for depth in range(indent))
    found = read((head + dump(value, indent)).encode(), OURS).documents[0]
    for _ in range(indent):
        assert isinstance(found, dict)
        found = found["k"]
    assert found == value
