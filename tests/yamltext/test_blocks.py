"""Plain block YAML read line by line: wherever it answers, libyaml gives the same answer, and nothing is wrong."""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onboarding_tool.yamltext import KUSTOMIZATION, MANIFEST, OURS
from tests.slow.fuzzing import spoilt
from tests.support.blocks import DIALECTS, is_known
from tests.support.repos import good, second_api

CORPUS = Path(__file__).resolve().parent.parent / "corpus"

KNOWN = {
    "keys": "a: b\nc: d\n",
    "nested mappings": "a:\n  b:\n    c: d\n  e: f\ng: h\n",
    "any indentation": "a:\n     b: c\n     d:\n      e: f\ng:\n h: i\n",
    "list deeper than its key": "a:\n  - b\n  - c\nd: e\n",
    "list below its key": "a:\n- b\n- c\nd:\n- e\n",
    "mappings in a list": "a:\n  - b: c\n    d: e\n  - b: f\n",
    "lists in mappings in lists": "a:\n- b:\n  - c: d\n    e:\n      - f\n  g: h\n- i\n",
    "nothing": "a:\nb:\n  c:\nd:\n",
    "item without a value": "a:\n  - b:\n  - c:\n    d: e\n",
    "numbers and booleans": "a: 1\nb: 1.5\nc: true\nd: v08a\ne: Null\n",
    "words": "a: b c d\ne: http://f.g/h:i\nj: k, l\nm: n@sha256:0123\no: p=q\nr: s (t)\nu: v - w\n",
    "quotes": 'a: "b: c # d"\ne: \'f\'\ng: ""\nh:\n  - \'- i\'\nj: "1"\n',
    "flows": "a: {b: c, d: \"e, f\"}\ng: [h, 1, 'i']\nj: {}\nk: []\nl: {m: {k: o}, p: [q]}\nr:\n  - {s: t}\n",
    "comments": "# a\nb: c # d\n  # e\nf: # g\n  # h: i\n  j: k\n\nl: {m: k} # {o: p}, q: r\ns: [t] # u, [v]\n",
    "blank lines": "\n\na: b\n\n  \nc: d\n\n",
    "literal blocks": "a: |-\n  b: c\n    d\n\n  # e\n\nf:\n  - g: |\n      h\n    i: j\n",
    "literal block at the end": "a: |\n  b\n\n\n",
    "literal block in a list": "a:\n  - |-\n    b\n  - |\n   c\nd:\n- |\n e\n",
    "blanks in a literal block": "a: |-\n  b  \n    c\n\n  d\n",
    "one document that begins": "---\na: b\n",
    "carriage returns": "a: |\r\n  b\r\n\r\nc: 'd'\r\n# e\r\n",
    "no final newline": "a: b\nc:\n  - d",
    "blanks at the end of a line": "a: b  \nc:  \n  d: e \n",
    "far behind": "a:      b\nc:   {d:   e,   f: g}\n",
}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("text", KNOWN.values(), ids=KNOWN)
def test_what_people_write_is_known(text, dialect):
    assert is_known(text.encode(), dialect)


UNKNOWN = {
    "no value": "",
    "comments only": "# a\n",
    "a beginning only": "---\n",
    "two documents": "a: b\n---\nc: d\n",
    "an end": "a: b\n...\n",
    "a list": "- a\n",
    "a word": "a\n",
    "a root that is indented": " a: b\n",
    "a key twice": "a: b\na: c\n",
    "a key twice in a flow": "a: {b: c, b: d}\n",
    "a key that may be no text": "on: a\n",
    "a key that may be no text in a flow": "a: {y: b}\n",
    "a number as a key": "1: a\n",
    "a key in quotes": '"a": b\n',
    "an odd key": "? a\n: b\n",
    "a long key": f"{'a' * 300}: b\n",
    "a colon without a blank": "a:b\n",
    "two colons": "a: b: c\n",
    "a colon at the end": "a: b:\n",
    "a value in the next line": "a:\n  b\n",
    "a value that goes on": "a: b\n  c\n",
    "a value that goes on after a dash": "a:\n  - b\n    c\n",
    "a value that looks like entries": "a: b\n  - c\n  d: e\n",
    "quotes that go on": "a: 'b\n  c'\n",
    "quotes within": "a: 'b''c'\n",
    "an escape": 'a: "\\n"\n',
    "words behind quotes": "a: 'b' c\n",
    "a flow that goes on": "a: {b: c,\n  d: e}\n",
    "words behind a flow": "a: [b] c\n",
    "a flow that is not closed": "a: {b: c\n",
    "a flow without a blank": "a: {b: c,d: e}\n",
    "keys alone in a flow": "a: {b, c}\n",
    "nothing in a flow": "a: [b, , c]\n",
    "a pair in a list": "a: [b: c]\n",
    "brackets in quotes": "a: {b: {c: '}'}}\n",
    "a comment that is none": "a: b#c\n",
    "a comment too close": "a: 'b'#c\n",
    "too little indentation": "a:\n    b: c\n  d: e\n",
    "too much indentation": "a: b\n  c: d\n",
    "an item too deep": "a:\n  - b\n    - c\n",
    "an item without a list": "a: b\n- c\n",
    "an item below a key that has a value": "a:\n  b: c\n  - d\n",
    "a key in a list": "a:\n  - b\n  c: d\n",
    "dashes in a line": "a:\n  - - b\n",
    "a dash alone": "a:\n  -\n    b: c\n",
    "a dash and a blank": "a:\n  - \n",
    "a dash and a comment": "a:\n  - # b\n    c: d\n",
    "blanks behind a dash": "a:\n  -   b: c\n      d: e\n",
    "a tab": "a: b\t# c\n",
    "another language": "a: \u00e9\n",
    "a folded block": "a: >\n  b\n  c\n",
    "a literal block that keeps all": "a: |+\n  b\n\n",
    "a literal block that says its indentation": "a: |2\n   b\n",
    "a literal block with a comment": "a: | # b\n  c\n",
    "a literal block that begins blank": "a: |\n\n  b\n",
    "a literal block without anything": "a: |\nb: c\n",
    "a literal block that comes back": "a: |\n    b\n  c\n",
    "a literal block without a final newline": "a: |\n  b",
    "a blank line in a literal block": "a: |-\n  b\n   \n  c\n",
    "a blank line behind a literal block": "a: |-\n  b\n \n",
    "a literal block that is not there": "a: |",
    "a literal block that is not deep enough": "a:\n  - b: |\n    c\n",
    "a negative number": "a: -1\n",
    "a word of dashes": "a: ---\n",
}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("text", UNKNOWN.values(), ids=UNKNOWN)
def test_all_else_is_not(text, dialect):
    assert not is_known(text.encode(), dialect)


@pytest.mark.parametrize(
    "word", ["yes", "0123", "1_000", "12:30", "1e3", "2026-11-23", ".inf", "0x1F", "99999999999999999"]
)
@pytest.mark.parametrize("text", ["a: {}\n", "a:\n  - {}\n", "a: [{}]\n", "a: {{b: {}}}\n"])
def test_what_two_readers_read_differently_is_none_of_ours(text, word):
    data = text.format(word).encode()
    assert not is_known(data, OURS)
    assert is_known(data, KUSTOMIZATION) or ":" in word


def test_a_healthy_config_repo_is_known():
    for path, text in {**good(), **second_api()}.items():
        kind = KUSTOMIZATION if path.endswith("kustomization.yaml") else MANIFEST if "/base/" in path else OURS
        assert is_known(text.encode(), kind) or "|" in text or "- - " in text, path


def test_whatever_there_is():
    found = [is_known(path.read_bytes(), dialect) for path in sorted(CORPUS.rglob("*.yaml")) for dialect in DIALECTS]
    assert sum(found) > 300


def test_whatever_becomes_of_it():
    """Real files, cut, joined, repeated and spoilt."""
    random_ = random.Random(20261123)
    seeds = [text.encode() for text in (*good().values(), *KNOWN.values())]
    known = 0
    for _ in range(6_000):
        data = random_.choice(seeds)
        for _ in range(random_.randint(1, 3)):
            data = spoilt(data, random_, seeds)[:4096]
        known += is_known(data, random_.choice(DIALECTS))
    assert known > 300


WORDS = (
    "b",
    "b c",
    "1",
    "0.5",
    "no",
    "b:c",
    "b: c",
    "b #c",
    "b:",
    "'b'",
    '"b: c"',
    "'",
    "{b: c}",
    "[b]",
    "[",
    "#c",
    "",
)
BLOCKS = ("|", "|-", ">", "-", "- b", " ", "---", "...", "{b: [c, 'd']}", "[b, {c: d}]")
lines = st.builds(
    lambda column, dash, key, word, end: f"{' ' * column}{dash}{key}{word}{end}\n",
    st.sampled_from((0, 0, 2, 2, 4, 6, 1, 3)),
    st.sampled_from(("", "", "- ", "-", "-  ")),
    st.sampled_from(("a: ", "b: ", "c: ", "d:", "e: ", "", "y: ", "'a': ")),
    st.sampled_from(WORDS + BLOCKS),
    st.sampled_from(("", "", "", " # d", "  ", "\r")),
)


@settings(max_examples=1500)
@given(st.lists(lines, max_size=7).map("".join), st.sampled_from(DIALECTS))
def test_lines_that_may_mean_anything(text, dialect):
    is_known(text.encode(), dialect)


@settings(max_examples=1500)
@given(st.text("ab: -#'\"{}[],|>\n\r\t?!&*%.0~", max_size=40), st.sampled_from(DIALECTS))
def test_characters_that_may_mean_anything(text, dialect):
    is_known(text.encode(), dialect)
