"""Writes the files of hostile_yaml/ that cannot be typed: deep, long, or not text.

    python tests/corpus/generate.py

The rest of the corpora is written by hand; this touches no other file. INDEX.yaml says what each is.
"""

from itertools import product
from pathlib import Path
from string import ascii_lowercase

HOSTILE = Path(__file__).parent / "hostile_yaml"

# Within 64 KiB, so that it is depth alone, or the encoding alone, that is wrong.
NESTING = {
    "deep-flow-lists-5000": "a: " + "[" * 5000 + "]" * 5000 + "\n",
    "deep-flow-lists-60000-open": "[" * 60000,
    "deep-flow-mappings-5000": "{a: " * 5000 + "b" + "}" * 5000 + "\n",
    "deep-dashes-5000": "a:\n  " + "- " * 5000 + "b\n",
    "deep-question-marks-5000": "? " * 5000 + "b\n",
    "deep-block-mappings-150": "".join(" " * depth + "a:\n" for depth in range(150)),
    "fine-block-mappings-18": "".join("  " * depth + "a:\n" for depth in range(17)) + "  " * 17 + "a: b\n",
}

LENGTH = {
    "long-scalar-100-kb": "a: " + "nothing to see here " * 5000 + "\n",
    "long-key-2000": "k" * 2000 + ": a\n",
    # kaaa, kaab, ...: short, so that ten thousand of them stay below 64 KiB
    "fine-keys-10000": "".join(f"k{''.join(tail)}:\n" for tail in list(product(ascii_lowercase, repeat=3))[:10000]),
}

ENCODINGS = {
    "encoding-utf-16-le": "a: b\n".encode("utf-16-le"),
    "encoding-utf-16-le-bom": b"\xff\xfe" + "a: b\n".encode("utf-16-le"),
    "encoding-utf-16-be-bom": b"\xfe\xff" + "a: b\n".encode("utf-16-be"),
    "encoding-utf-32-bom": b"\xff\xfe\x00\x00" + "a: b\n".encode("utf-32-le"),
    "encoding-latin-1": "a: Gr\u00f6\u00dfe\n".encode("latin-1"),
    "encoding-overlong": b"a: \xc0\xaf\n",
    "encoding-surrogate": b"a: \xed\xa0\x80\n",
    "encoding-beyond-unicode": b"a: \xf4\x90\x80\x80\n",
    "encoding-truncated": b"a: b # \xe2\x82",
    "fine-bom-at-start": b"\xef\xbb\xbfa: b\n",
    "bom-alone": b"\xef\xbb\xbf",
    "bom-twice": b"\xef\xbb\xbf\xef\xbb\xbfa: b\n",
}

CHARACTERS = {
    "character-nul": "a: b\0c\n",
    "character-nul-at-end": "a: b\n\0",
    "character-escape-in-comment": "a: b # \x1b[2K\x1b[1Ahidden\n",
    "character-backspace": "a: b\bc\n",
    "character-delete": "a: b\x7f\n",
    "character-c1-control": "a: b\x9b2J\n",
    "character-form-feed": "a: b\n\x0cc: d\n",
    "character-next-line": "a: b # comment\u0085c: d\n",
    "character-line-separator": "a: b # comment\u2028c: d\n",
    "character-paragraph-separator": "a: b # comment\u2029c: d\n",
    "character-carriage-return-only": "a: b\rc: d\r",
    "character-carriage-return-in-comment": "a: b # comment\rc: d\n",
    "character-bom-in-the-middle": "a: b\n\ufeffc: d\n",
    "character-bidi-override": "a: b # \u202etxt.elif\u202c\n",
    "character-bidi-isolate": 'a: "user\u2066 // admin\u2069"\n',
    "character-right-to-left-mark": "a: \u200fb\n",
    "character-zero-width-space": "payments\u200b: a\npayments: b\n",
    "character-zero-width-joiner": "a: \U0001f468\u200d\U0001f4bb\n",
    "character-word-joiner": "a: pay\u2060ments\n",
    "character-tag": "a: b\U000e0041\U000e0042\n",
    "character-non-character": "a: b\uffff\n",
    "fine-crlf": "a: b\r\nc:\r\n  - d\r\n",
    "fine-tab-in-comment": "a: b #\tno harm\n",
}


def main() -> None:
    for name, content in (NESTING | LENGTH | ENCODINGS | CHARACTERS).items():
        data = content if isinstance(content, bytes) else content.encode()
        (HOSTILE / f"{name}.yaml").write_bytes(data)


if __name__ == "__main__":
    main()
