"""What a plain scalar means, to whom.

Kubernetes' tools read YAML 1.1 with Go's own variations, editors and many libraries read YAML 1.2. The table behind
these expressions was measured with sigs.k8s.io/yaml, PyYAML and ruamel.yaml.
"""

import re
from functools import lru_cache

BOOLS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
NULLS = frozenset({"", "~", "null", "Null", "NULL"})
# Bool to a YAML 1.1 reader, text to a YAML 1.2 reader.
OLD_BOOLS = {
    word: truth
    for truth, words in ((True, ("y", "yes", "on")), (False, ("n", "no", "off")))
    for base in words
    for word in (base, base.capitalize(), base.upper())
}
# All that begin with a letter, and are no text to everybody.
WORDS = frozenset({*BOOLS, *NULLS, *OLD_BOOLS})
INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
DECIMAL = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)")
AMBIGUOUS = re.compile(
    r"[-+]?0[0-9_]+(?:\.[0-9_]*)?"  # 0123: 83, 123 or text
    r"|[-+]?0[oOxXbB][0-9a-fA-F_]+"  # 0o17, 0x1F, 0b11
    r"|[-+]?[0-9][0-9,_]*[,_][0-9,_]*(?:\.[0-9_]*)?"  # 1_000
    r"|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?"  # 12:30 is 750 to some
    r"|[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)[eE][-+]?[0-9]+"  # 1e3
    r"|[-+]\.[0-9]+"  # -.5
    r"|(?=.*[0-9])[-+]?[0-9._]*_[0-9._]*(?:[eE][-+]?[0-9]+)?"  # 7._, 0_e7
    r"|[-+]_[_.]*|[-+]?\._[_.]*"  # -_ and ._ are numbers that cannot be converted
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt \t].*)?"  # dates
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
    r"|=|<<"
)
GO_INTEGER = re.compile(r"[-+]?(?:0[oO]?[0-7_]+|0[xX][0-9a-fA-F_]+|0[bB][01_]+|[0-9][0-9_]*)")
GO_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?")
BASES = (
    (re.compile(r"([-+]?)0[xX]([0-9a-fA-F]+)"), 16),
    (re.compile(r"([-+]?)0[bB]([01]+)"), 2),
    (re.compile(r"([-+]?)0[oO]?([0-7]+)"), 8),
    (re.compile(r"([-+]?)([0-9]+)"), 10),
)
LONGEST = 400  # digits; Python refuses to convert thousands of them
LARGEST = 2**53  # beyond it JSON numbers, and so Kubernetes, round
KNOWN = 1 << 14  # texts whose meaning is kept: a fleet says the same words again and again


@lru_cache(KNOWN)
def is_ambiguous(text: str) -> bool:
    """Whether two readers in use read this plain scalar differently."""
    if text in OLD_BOOLS or AMBIGUOUS.fullmatch(text):
        return True
    return bool(INTEGER.fullmatch(text)) and abs(int(text[:40])) > LARGEST


def is_ambiguous_key(text: str) -> bool:
    """As a key a plain bool, null or number is as bad: Go makes the label `y` the text "true"."""
    return text in BOOLS or text in NULLS or is_ambiguous(text) or not isinstance(as_go_reads(text), str)


@lru_cache(KNOWN)
def is_odd_key(text: str) -> bool:
    """Whether a plain key is anything but text to everybody."""
    return text == "<<" or is_ambiguous_key(text)


@lru_cache(KNOWN)
def plain(text: str) -> bool | int | float | str | None:
    """The meaning that YAML 1.1 and 1.2 agree on. Ask `is_ambiguous` first."""
    if text in NULLS:
        return None
    if text in BOOLS:
        return BOOLS[text]
    if INTEGER.fullmatch(text):
        return int(text)
    if DECIMAL.fullmatch(text):
        return float(text)
    return text


@lru_cache(KNOWN)
def as_go_reads(text: str) -> bool | int | float | str | None:
    """The meaning to kustomize, kubectl and Argo CD."""
    if text in NULLS:
        return None
    if text in BOOLS:
        return BOOLS[text]
    if text in OLD_BOOLS:
        return OLD_BOOLS[text]
    if text[:1].isdigit() or text[:1] in "+-.":
        return _go_number(text)
    return text


def _go_number(text: str) -> int | float | str:
    bare = text.replace("_", "")
    if len(bare) > LONGEST:
        return text
    if GO_INTEGER.fullmatch(text):
        for pattern, base in BASES:
            if found := pattern.fullmatch(bare):
                return int(found[1] + found[2], base)
    return float(bare) if GO_FLOAT.fullmatch(text) else text
