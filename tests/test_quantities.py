"""Kubernetes' quantities: what is one, and what would only take time or memory."""

from fractions import Fraction

import pytest

from onboarding_tool.quantities import quantity


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", 1),
        ("500m", Fraction(1, 2)),
        ("8Gi", 8 << 30),
        ("1.5k", 1500),
        ("1e3", 1000),
        ("1E3", 1000),
        ("1E", 10**18),
        ("1e-3", Fraction(1, 1000)),
        ("-2", -2),
        ("+.5", Fraction(1, 2)),
        ("1e99", 10**99),
    ],
)
def test_a_quantity_is_read_exactly(text, expected):
    assert quantity(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "m",
        "lots",
        "1/2",
        "1_000",
        " 1",
        "1 ",
        "64 Mi",
        "1mi",
        "1Ki2",
        "1e",
        "1e999999999",
        "1e-999999999",
        "9" * 41,
        "٣",
    ],
)
def test_what_is_none_is_refused_at_once(text):
    with pytest.raises(ValueError):
        quantity(text)
