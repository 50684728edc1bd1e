"""The strict reader: what it refuses, where it says so, and that all it lets through means one thing to everyone."""

import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from onboarding_tool.yamltext import KUSTOMIZATION, MANIFEST, OURS, Dialect, read, scalars, texts
from onboarding_tool.yamltext.reading import MOST_PROBLEMS
from tests.support.blocks import DIALECTS

CORPUS = Path(__file__).resolve().parent.parent / "corpus" / "hostile_yaml"
INDEX = yaml.safe_load((CORPUS / "INDEX.yaml").read_text(encoding="utf-8"))
RULES = {"yaml-invalid", "yaml-alias", "yaml-tag", "yaml-duplicate-key", "yaml-ambiguous-scalar"}


@pytest.mark.parametrize("entry", INDEX, ids=lambda entry: entry["file"])
def test_corpus(entry: dict[str, Any]) -> None:
    data = (CORPUS / entry["file"]).read_bytes()
    started = time.process_time()
    parsed = read(data, OURS)
    assert time.process_time() - started < 2
    is_ok = not parsed.problems and len(parsed.documents) == 1 and isinstance(parsed.documents[0], dict)
    assert is_ok is entry["ok"], (entry["why"], parsed)


def test_corpus_is_whole() -> None:
    files = {path.name for path in CORPUS.glob("*.yaml")} - {"INDEX.yaml"}
    assert files == {entry["file"] for entry in INDEX}


@pytest.mark.parametrize(
    ("text", "rule", "line", "column"),
    [
        ("a: 1\nb: [\n", "yaml-invalid", 3, 1),
        ("a: 1\n---\nb: 1\n", "yaml-invalid", 3, 1),
        ("a: 1\nb: x\u200by\n", "yaml-invalid", 2, 5),
        ('a: 1\nb: "\\u202e"\n', "yaml-invalid", 2, 4),
        ("a: 1\r# b\n", "yaml-invalid", 1, 5),
        ("a:\tb\n", "yaml-invalid", 1, 3),
        ("a: 1\nb: &x 1\n", "yaml-alias", 2, 4),
        ("a: 1\n<<: {b: 1}\n", "yaml-alias", 2, 1),
        ("a: !x 1\n", "yaml-tag", 1, 4),
        ("a: 1\nb: 2\na: 3\n", "yaml-duplicate-key", 3, 1),
        ("a: 1\n'b': 2\nb: 3\n", "yaml-duplicate-key", 3, 1),
        ("a: 1\nb: yes\n", "yaml-ambiguous-scalar", 2, 4),
        ("a: 1\ny: 1\n", "yaml-ambiguous-scalar", 2, 1),
        ("[a, b]: 1\n", "yaml-invalid", 1, 1),
        ("\ufeffa: 1\nb: no\n", "yaml-ambiguous-scalar", 2, 4),
    ],
)
def test_says_where(text: str, rule: str, line: int, column: int) -> None:
    (problem,) = read(text.encode(), OURS).problems
    assert (problem.rule, problem.line, problem.column) == (rule, line, column)
    assert problem.message
    assert problem.hint.endswith(".")


def test_says_all_at_once() -> None:
    problems = read(b"a: yes\nb: 010\nb: 1\n", OURS).problems
    assert [problem.line for problem in problems] == [1, 2, 3]


def test_bounds() -> None:
    small = Dialect(max_bytes=20, max_depth=3, many=False, strict=True)
    assert not read(b"a: {b: {c: 1}}\n", small).problems
    assert "levels deep" in read(b"a: {b: {c: []}}\n", small).problems[0].message
    assert "21 bytes" in read(b"a: 123456789012345678", small).problems[0].message


@pytest.mark.parametrize(
    "text", [b"a:\n" * 50_000, b"[" + b"a," * 100_000 + b"]", b"{" + b"a," * 50_000 + b"}", b"- a\n" * 100_000]
)
def test_more_values_than_anybody_writes_are_not_read(text):
    found = read(text, MANIFEST)
    assert (found.documents, [problem.rule for problem in found.problems]) == ((), ["yaml-invalid"])
    assert found.problems[0].message == "more than 100,000 keys and values"


def test_of_a_kustomization_fewer_values_are_read():
    """An edit takes its time for each of them."""
    lines = b"".join(b"- name: a/b-%04d\n  newTag: v1.2.%d\n" % (number, number) for number in range(1_500))
    assert len(read(b"images:\n" + lines, KUSTOMIZATION).documents[0]["images"]) == 1_500
    found = read(b"".join(b"k%d:\n" % number for number in range(5_001)), KUSTOMIZATION)
    assert [problem.message for problem in found.problems] == ["more than 10,000 keys and values"]


def test_the_largest_manifests_are_read():
    lines = b"".join(b"- name: port-%d\n  port: %d\n" % (number, number) for number in range(19_000))
    assert len(read(b"items:\n" + lines, MANIFEST).documents[0]["items"]) == 19_000  # 95,003 values


def test_dialects() -> None:
    assert read(b"a: yes\n", OURS).problems
    assert read(b"a: yes\n", KUSTOMIZATION).documents == ({"a": True},)
    assert read(b"a: 1\n---\nb: 010\n---\n", MANIFEST).documents == ({"a": 1}, {"b": 8}, None)
    assert read(b"", OURS).documents == ()


# (text, what Go's sigs.k8s.io/yaml reads as kustomize uses it, whether readers differ); measured
SCALARS = [
    ("no", False, True),
    ("Off", False, True),
    ("YES", True, True),
    ("y", True, True),
    ("true", True, False),
    ("False", False, False),
    ("~", None, False),
    ("null", None, False),
    ("1.10", 1.1, False),
    ("42", 42, False),
    ("0123", 83, True),
    ("089", 89, True),
    ("0o17", 15, True),
    ("0x1F", 31, True),
    ("0b11", 3, True),
    ("1e3", 1000.0, True),
    ("1_000", 1000, True),
    ("12:30", "12:30", True),
    ("12:30:45", "12:30:45", True),
    ("2026-11-20", "2026-11-20", True),
    ("=", "=", True),
    ("v1.9.3", "v1.9.3", False),
    ("1.9.3", "1.9.3", False),
    ("truely", "truely", False),
    # Go: 1.2345678901234568e20; nobody asks, for it is ambiguous
    ("123456789012345678901", 123456789012345678901, True),
]


@pytest.mark.parametrize(("text", "go", "differs"), SCALARS)
def test_scalars(text: str, go: Any, differs: bool) -> None:
    assert scalars.as_go_reads(text) == go
    assert scalars.is_ambiguous(text) is differs
    assert read(f"a: '{text}'\n".encode(), OURS).documents == ({"a": text},)


# Properties

PIECES = [
    "a",
    "b",
    ": ",
    ":",
    "- ",
    "\n",
    "\n  ",
    "\n    ",
    "{",
    "}",
    "[",
    "]",
    ", ",
    "'",
    '"',
    "#",
    " #",
    "|",
    ">",
    "-",
]
PIECES += [
    "&x",
    "*x",
    "!",
    "? ",
    "---",
    "...",
    "%",
    "yes",
    "0",
    "1",
    ".",
    "e",
    "_",
    "~",
    "null",
    "\t",
    "\r\n",
    "é",
    "😀",
]
PIECES += ["<<", "=", "@"]
NEARLY_YAML = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)
PLAIN = st.from_regex(r"[-+.0-9a-fxoXOeE_:~=<TZtTnyNY ]{1,8}", fullmatch=True)


@settings(max_examples=300)
@given(st.one_of(st.binary(max_size=80), NEARLY_YAML.map(str.encode)), st.sampled_from(DIALECTS))
def test_never_raises(data: bytes, dialect: Dialect) -> None:
    for problem in read(data, dialect).problems:
        assert problem.rule in RULES
        assert problem.line >= 1
        assert problem.column >= 1
        assert problem.hint


# PyYAML takes the signed ones for text, the others are numbers to some readers only.
ODD_NUMBERS = ["+.5", "-.5", ".7_", "7._", "0_e7", "8_E9", "+_7", "._9", "-_", "._"]


@pytest.mark.parametrize("text", ODD_NUMBERS)
def test_odd_numbers_are_ambiguous(text: str) -> None:
    assert scalars.is_ambiguous(text)


@settings(max_examples=300)
@given(st.one_of(NEARLY_YAML, PLAIN.map("a: {}\n".format), PLAIN.map("[{}]\n".format)))
def test_what_passes_means_the_same_to_everyone(text: str) -> None:
    """A reader may say that it is no YAML (libyaml is the most lenient one); it may not read something else.

    A document that is nothing but text fits no file of ours. To ruamel.yaml the `#` below an empty `|` belongs to it.
    """
    parsed = read(text.encode(), OURS)
    assume(not parsed.problems and parsed.documents and isinstance(parsed.documents[0], dict | list))
    assert same(parsed.documents[0], read(text.encode(), KUSTOMIZATION).documents[0])
    for reader in (yaml.safe_load, YAML(typ="safe", pure=True).load):
        try:
            other = reader(text)
        except (yaml.YAMLError, YAMLError):
            continue
        assert same(parsed.documents[0], other)


def same(one: Any, other: Any) -> bool:
    """Equal, and of one type: 1 is neither True nor 1.0."""
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and one == other


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"a: [b, 'c d', \"\\xFC\"]\n--- !t\ne: 1\n", ["a", "b", "c d", "ü", "e", "1"]),
        (b"a: &x b\nc: *x\n", ["a", "b", "c"]),
        ("a: ü\n".encode("utf-16"), ["a", "ü"]),
        (b"a: b\nc: [\n", ["a", "b", "c"]),
        (b"a: b\nc: \xff\n", []),
        (b"", []),
    ],
)
def test_every_text_whatever_a_dialect_refuses(data: bytes, found: list[str]) -> None:
    assert list(texts(data)) == found


def test_texts_end_where_it_is_too_deep() -> None:
    assert list(texts(b"a: " + b"[" * 1_000_000)) == ["a"]


def test_texts_end_where_there_are_more_than_anybody_writes() -> None:
    assert len(list(texts(b"- a\n" * 200_000))) == 100_000


@given(st.binary())
def test_texts_never_raise(data: bytes) -> None:
    assert all(isinstance(text, str) for text in texts(data))


def test_of_many_keys_that_stand_twice_each_is_told_where_it_first_stands() -> None:
    keys = "".join(f"k{number}:\n" for number in range(24_000))
    problems = read((keys + keys).encode(), MANIFEST).problems
    assert problems[-2].message == "the key 'k199' stands twice; the first is on line 200"


def test_no_more_problems_are_told_than_anybody_reads():
    found = read(b"a:\n" * 1000, MANIFEST).problems
    assert len(found) == MOST_PROBLEMS + 1
    assert (found[-2].line, found[-2].message) == (201, "the key 'a' stands twice; the first is on line 1")
    assert (found[-1].line, found[-1].rule) == (202, "yaml-duplicate-key")
    assert found[-1].message == "from here on the file has more problems, which are not told"
    assert len(read(b"a:\n" * (MOST_PROBLEMS + 1), MANIFEST).problems) == MOST_PROBLEMS
