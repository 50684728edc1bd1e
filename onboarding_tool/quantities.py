"""Kubernetes' quantities, such as 500m and 8Gi, as exact numbers."""

import re
from fractions import Fraction

FACTORS = {
    **{
        suffix: Fraction(1000) ** power
        for power, suffix in enumerate(("n", "u", "m", "", "k", "M", "G", "T", "P", "E"), -3)
    },
    **{f"{suffix}i": Fraction(1024) ** power for power, suffix in enumerate("KMGTPE", 1)},
}


# An exponent of more digits makes a number that no memory holds, and no cluster has so much of anything.
QUANTITY = re.compile(r"([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?)([numkKMGTPE]i?|)")
LONGEST = 40  # characters


def quantity(text: str) -> Fraction:
    """Raises ValueError for what is none."""
    parts = QUANTITY.fullmatch(text) if len(text) <= LONGEST else None
    if parts is None or parts[2] not in FACTORS:
        raise ValueError(text)
    return Fraction(parts[1]) * FACTORS[parts[2]]
