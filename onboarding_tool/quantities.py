"""Kubernetes' quantities, such as 500m and 8Gi, as exact numbers."""

from fractions import Fraction

FACTORS = {
    **{
        suffix: Fraction(1000) ** power
        for power, suffix in enumerate(("n", "u", "m", "", "k", "M", "G", "T", "P", "E"), -3)
    },
    **{f"{suffix}i": Fraction(1024) ** power for power, suffix in enumerate("KMGTPE", 1)},
}


def quantity(text: str) -> Fraction:
    """Raises ValueError for what is none."""
    digits = text.rstrip("numkKMGTPEi")
    suffix = text.removeprefix(digits)
    if suffix not in FACTORS or len(text) > 40:
        raise ValueError(text)
    return Fraction(digits) * FACTORS[suffix]
