"""Move a config repo to this version of the tool: its pin, new fields, the copies of the schemas, the workflows.

A field is new when the version that brought it (`x-since` in its schema) is newer than the one the repo was made with.
Fields that were left out on purpose stay out: their defaults hold as before.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from onboarding_tool import resources, template, yamltext
from onboarding_tool.errors import UsageError
from onboarding_tool.model import PLATFORM_FILE, mapping, text
from onboarding_tool.tree import SYMLINK, Changes, Tree
from onboarding_tool.versions import is_newer
from onboarding_tool.yamltext import OURS, Flow, Path, SpliceError, Value

FIRST_VERSION = "0.1.0"  # of every field whose schema does not say
Schema = Mapping[str, Any]
NewField = tuple[Path, str, Any]


def upgrade(tree: Tree, version: str) -> Changes:
    """What changes but for generated/: the pin, new fields by splices, .onboard/schemas, and the workflows.

    Raises UsageError if the repo is made with a newer version, or if a file has a form that no splice edits.
    """
    pinned = text(mapping(mapping(_read(tree, PLATFORM_FILE)).get("tool")).get("version"))
    if is_newer(pinned, version):
        raise UsageError(
            f"{PLATFORM_FILE} pins version {pinned} of the tool, and this is the older {version}",
            f"Install version {pinned} of onboarding-tool; a repo is never moved back.",
        )
    wanted: Changes = {**template.schemas(), **_workflows(tree), **_declarations(tree, pinned)}
    wanted[PLATFORM_FILE] = _pinned(wanted.get(PLATFORM_FILE) or tree.read(PLATFORM_FILE), version)
    return {path: data for path, data in wanted.items() if path not in tree or tree.read(path) != data}


def new_fields(schema: Schema, value: Value, pinned: str) -> Iterator[NewField]:
    """(place, key, default) of each field that `value` does not say and that is newer than the version `pinned`."""
    return _fields(schema, schema, value, pinned, ())


def _fields(root: Schema, schema: Schema, value: Value, pinned: str, at: Path) -> Iterator[NewField]:
    schema = _resolved(root, schema)
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _fields(root, schema.get("items", {}), item, pinned, (*at, index))
    elif isinstance(value, dict):
        known: Schema = schema.get("properties", {})
        for key, about in known.items():
            default = about.get("default")
            if key not in value and default is not None and is_newer(about.get("x-since", FIRST_VERSION), pinned):
                yield at, key, default
        others = schema.get("additionalProperties")
        for key, item in value.items():
            yield from _fields(root, known.get(key) or mapping(others), item, pinned, (*at, key))


def _resolved(root: Schema, schema: Schema) -> Schema:
    """The schema with its $ref into the same file followed."""
    reference = schema.get("$ref")
    return _resolved(root, root["$defs"][reference.rpartition("/")[2]]) if reference else schema


def _workflows(tree: Tree) -> Changes:
    """Those that somebody keeps as their own are left alone; they say so by a line that is gone."""
    own = {path for path in template.workflows() if path in tree and template.WRITTEN_ANEW not in tree.read(path)}
    return {path: data for path, data in template.workflows().items() if path not in own}


def _declarations(tree: Tree, pinned: str) -> Changes:
    """platform.yaml and every metadata.yaml, with the fields that are new."""
    paths = {PLATFORM_FILE: "platform"}
    paths |= {f"apps/{name}/metadata.yaml": "api" for name in tree.folders("apps")}
    return {path: _filled(tree, path, kind, pinned) for path, kind in paths.items() if _is_read(tree, path)}


def _filled(tree: Tree, path: str, kind: str, pinned: str) -> bytes:
    new = new_fields(json.loads(resources.schema_text(kind)), _read(tree, path), pinned)
    data = tree.read(path)
    for at, key, default in new:
        data = _with_key(path, data, at, key, Flow(default) if isinstance(default, dict | list) else default)
    return data


def _pinned(data: bytes, version: str) -> bytes:
    says = mapping(_document(data)).get("tool")
    if says is None:
        return _with_key(PLATFORM_FILE, data, (), "tool", Flow({"version": version}))
    return _with_key(PLATFORM_FILE, data, ("tool",), "version", version)


def _with_key(path: str, data: bytes, at: Path, key: str, value: Any) -> bytes:
    try:
        return yamltext.set_key(data.decode("utf-8"), at, key, value).encode()
    except SpliceError as error:
        message = f"{path}:{error.line}:{error.column}: {error.message}; nothing was written"
        raise UsageError(message, f"`{'.'.join(map(str, (*at, key)))}` goes there: write it by hand.") from None


def _is_read(tree: Tree, path: str) -> bool:
    return path in tree and tree[path].mode != SYMLINK


def _read(tree: Tree, path: str) -> Value:
    return _document(tree.read(path))


def _document(data: bytes) -> Value:
    return next(iter(yamltext.read(data, OURS).documents), None)
