"""What earlier runs made of the files of an API, kept until one of them changes.

A value is found by the fingerprint of the files that it was made of, by whatever else it depends on, and by the code of
this tool. So nothing has to be forgotten: what is no longer asked for goes when the cache is full.
"""

import zlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from hashlib import sha256
from typing import Any, Generic, TypeVar

import msgspec

from onboarding_tool import resources
from onboarding_tool.adapters.cache import Cache
from onboarding_tool.checks.facts.excepted import in_force
from onboarding_tool.model import POLICY_FILES, Repo
from onboarding_tool.tree import Tree

FORMAT = 2
COMPONENTS = "components"
AT_ONCE = 256  # values that are saved together
SOME = 10  # of a fleet whose tool or platform.yaml is another one, none is known; else nearly all are
SHORT = 4096  # bytes
JSON = b"{"  # what an object begins with, and nothing that is compressed

T = TypeVar("T")
Places = Callable[[str], Iterable[str]]  # the files and folders that the value of an API depends on


class Keys:
    """By what the value of an API is found. `kind`: of the value; `about`: what all of them depend on besides.

    Who makes a value makes its key, from the files that it has read: while one process looks at a folder, and another
    one judges what lies there, somebody may change it.
    """

    def __init__(self, kind: type[Any], tree: Tree, places: Places, about: str = "") -> None:
        self._tree = tree
        self._places = places
        self._shared = f"{kind.__module__}.{kind.__name__} {FORMAT}\0{about}\0".encode() + resources.fingerprint()

    def of(self, name: str) -> bytes:
        state = sha256(self._shared + name.encode("utf-8", "surrogateescape"))
        for place in self._places(name):
            state.update(self._tree.fingerprint(place))
        return state.digest()


class Memory(Generic[T]):
    """Values of one type, by the name of the API that each is about."""

    def __init__(self, cache: Cache, kind: type[T], keys: Keys) -> None:
        self._cache = cache
        self._keys = keys
        self._decoder = msgspec.json.Decoder(kind)
        self._new: dict[bytes, bytes] = {}

    def known(self, names: Iterable[str]) -> dict[str, T]:
        """The values of those APIs that are as they were."""
        keys = {name: self._keys.of(name) for name in names}
        found = self._cache.get(keys.values())
        values = ((name, self._decoded(found.get(key, b""))) for name, key in keys.items())
        return {name: value for name, value in values if value is not None}

    def knows_any(self, names: Sequence[str]) -> bool:
        """Whether anything is known of some that lie far from each other. To ask for all of them takes long."""
        return bool(self.known(names[:: -(-len(names) // SOME) or 1]))

    def keep(self, values: Iterable[tuple[bytes, T]]) -> None:
        """Values and their keys."""
        for key, value in values:
            with suppress(ValueError):  # JSON has no place for a name that is no UTF-8
                self._new[key] = _encoded(value)
        if len(self._new) >= AT_ONCE:
            self.save()

    def save(self) -> None:
        self._cache.put(self._new)
        self._new = {}

    def _decoded(self, value: bytes) -> T | None:
        """None for what is no value, or not a whole one."""
        with suppress(zlib.error, msgspec.MsgspecError):
            return self._decoder.decode(value if value.startswith(JSON) else zlib.decompress(value))
        return None


def _encoded(value: object) -> bytes:
    """To make a short value shorter takes longer than to read it as it is."""
    written = msgspec.json.encode(value)
    return written if len(written) < SHORT else zlib.compress(written, 1)


def policy_state(policy: Repo) -> str:
    """What the platform's files say, the components, and which exceptions hold today."""
    files = (*POLICY_FILES, COMPONENTS)
    return repr([[policy.tree.fingerprint(path).hex() for path in files], list(in_force(policy))])
