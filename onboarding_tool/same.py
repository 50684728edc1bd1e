"""A key for what cannot be a key: a value that is equal to itself alone."""

from typing import Generic, TypeVar

T = TypeVar("T")


class Same(Generic[T]):
    """Wraps an argument of a function under `lru_cache`, which so recognises the very same value again.

    To compare what is declared of a whole API takes longer than most of what is worked out of it. The cache keeps the
    value alive, so that no other one takes its identity.
    """

    __slots__ = ("value",)

    def __init__(self, value: T) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.value is self.value

    def __hash__(self) -> int:
        return id(self.value)
