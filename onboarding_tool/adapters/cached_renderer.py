"""A renderer that remembers what the same kustomize made of the same bytes before."""

import json
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from hashlib import sha256
from itertools import islice
from typing import Any

from onboarding_tool.adapters.cache import Cache
from onboarding_tool.rendering import KUSTOMIZE, Form, Rendered, Rendering, RenderRequest

FORMAT = 1  # of keys and values; what another one wrote is not found
AT_ONCE = 256  # requests that are looked up together


class CachedRenderer:
    """Renders objects. Texts and failures are not remembered: nobody asks for them twice."""

    def __init__(self, renderer: Rendering, cache: Cache) -> None:
        self._renderer = renderer
        self._cache = cache

    def render(self, requests: Iterable[RenderRequest]) -> Iterator[Rendered]:
        """As `Renderer.render`."""
        waiting = iter(requests)
        while some := list(islice(waiting, AT_ONCE)):
            yield from self._together(some)

    def _together(self, requests: list[RenderRequest]) -> Iterator[Rendered]:
        keys = [_key(request) for request in requests]
        known = self._cache.get(key for key in keys if key)
        asked = zip(requests, keys, strict=True)
        found = [(request, key, _decoded(request, known.get(key, b""))) for request, key in asked]
        fresh = self._renderer.render(request for request, _, rendered in found if rendered is None)
        new: dict[bytes, bytes] = {}
        for _, key, rendered in found:
            if rendered is not None:
                yield rendered
                continue
            made = next(fresh)
            if key and not made.failure:
                new[key] = _encoded(made)
            yield made
        self._cache.put(new)


def _key(request: RenderRequest) -> bytes:
    """Everything that a render depends on; b"" for what is not remembered."""
    if request.form is not Form.OBJECTS:
        return b""
    state = sha256(f"render {FORMAT} {KUSTOMIZE}\0{request.path}\0".encode("utf-8", "surrogateescape"))
    for path, data in sorted(request.files.items()):
        state.update(path.encode("utf-8", "surrogateescape") + b"\0" + sha256(data).digest())
    return state.digest()


def _encoded(rendered: Rendered) -> bytes:
    return zlib.compress(json.dumps(rendered.values, separators=(",", ":")).encode(), 1)


def _decoded(request: RenderRequest, value: bytes) -> Rendered | None:
    """None for what is no value, or not a whole one."""
    with suppress(zlib.error, ValueError):
        values: list[Any] = json.loads(zlib.decompress(value))
        return Rendered(request.path, values=tuple(values))
    return None
