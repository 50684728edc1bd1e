import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding_tool.yamltext.comments import comments


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("# a\n", ["# a"]),
        ("a: 1 # b\n", ["# b"]),
        ("a: b#c\n", []),
        ('a: "# b\n  # c"  #d  \n', ["#d"]),
        ("a: '# b'\n", []),
        ("a: | # header\n  # text\n  more # text\n# after\n", ["# header", "# after"]),
        ("a: >-\n  # text\n", []),
        ("a: [b, # c\n  d]\n", ["# c"]),
        ("a: # b\n  # c\n  - 1\n", ["# b", "# c"]),
        ("a: 1\n---\n# b\nc: 2\n# d", ["# b", "# d"]),
        ("a: [", []),
    ],
)
def test_comments(text, found):
    assert comments(text) == found


@given(st.text())
def test_no_text_raises(text):
    comments(text)
