"""Schemas -> sentences: what about a value does not fit, where, and what would.

The only importer of jsonschema, which explains, and of jsonschema_rs, which only tells whether all is well: that it
does about seventy times as fast, and nearly every file is well.
"""

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from onboarding_tool import resources
from onboarding_tool.yamltext import Path, Value

if TYPE_CHECKING:
    import jsonschema_rs
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

FORBIDDEN = "request-field-forbidden"
INVALID = "schema-invalid"
TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "a mapping",
    "array": "a list",
    "null": "nothing",
}
BOUNDS = {"minimum": "at least", "maximum": "at most"}
WHOLE_NUMBER = re.compile(r"[0-9]{1,19}")


@dataclass(frozen=True, slots=True)
class Misfit:
    """One place that does not fit. `key`: the key at `path` is meant, not its value.

    What is missing has the path that it would have.
    """

    rule: str
    path: Path
    message: str
    hint: str
    key: bool = False


def judge(schema: str, value: Value) -> list[Misfit]:
    """Everything about `value` that does not fit a schema such as `release-request`, ordered by path."""
    if _fits(_telling(schema), value):
        return []
    validator = _explaining(schema)
    misfits = [misfit for error in validator.iter_errors(value) for misfit in _misfits(error)]
    return sorted(misfits, key=lambda misfit: [str(step) for step in misfit.path])


def fits(schema: str, value: Value) -> bool:
    """Whether all of `value` fits: without telling why not, which may take long where somebody wants it to."""
    return _fits(_telling(schema), value)


def fits_field(schema: str, field: str, value: Value) -> bool:
    """Whether `value` is one that a field of the schema may have."""
    return _fits(_telling(schema, field), value)


def fitting(value: Value, misfits: list[Misfit]) -> Value:
    """A copy of `value` without the places that do not fit, so that one wrong field hides nothing else."""
    copy: Value = json.loads(json.dumps(value))
    # Each place once, and the last item of a list first, so that the indexes of the others stay true.
    paths = {misfit.path for misfit in misfits}
    for path in sorted(paths, key=lambda path: [str(step).zfill(9) for step in path], reverse=True):
        copy = _without(copy, path)
    return copy


def _fits(validator: "jsonschema_rs.Validator", value: Value) -> bool:
    try:
        return validator.is_valid(value)
    except (ValueError, RecursionError):
        return False  # a value that has no form in JSON, such as a number too large or a lone surrogate


@cache
def _telling(schema: str, field: str = "") -> "jsonschema_rs.Validator":
    import jsonschema_rs

    whole = json.loads(resources.schema_text(schema))
    wanted = {"$defs": whole.get("$defs", {}), **whole["properties"][field]} if field else whole
    return jsonschema_rs.Draft202012Validator(wanted)


@cache
def _explaining(schema: str) -> "Validator":
    import jsonschema  # takes 0.1 s to load

    return jsonschema.Draft202012Validator(json.loads(resources.schema_text(schema)))


def _without(value: Value, path: Path) -> Value:
    if not path:
        return None
    holder: Any = value
    for step in path[:-1]:
        try:
            holder = holder[step]
        except (KeyError, IndexError, TypeError):
            return value
    if isinstance(holder, dict):
        holder.pop(path[-1], None)
    elif isinstance(holder, list) and isinstance(path[-1], int) and path[-1] < len(holder):
        del holder[path[-1]]
    return value


def _misfits(error: "ValidationError") -> Iterator[Misfit]:
    path: Path = tuple(error.absolute_path)
    keyword = str(error.validator)
    if keyword == "additionalProperties" and isinstance(error.instance, dict):
        yield from _unknown_fields(error, path)
    elif "propertyNames" in error.absolute_schema_path:
        name = str(error.instance)
        yield Misfit(INVALID, (*path, name), f"the name {name!r} is not allowed here", _rule_of(error), key=True)
    elif keyword == "required":
        yield _missing(error, path)
    elif keyword == "uniqueItems":
        yield from _repeated(error, path)
    elif keyword == "type" and not {"enum", "const"}.isdisjoint(_schema(error)):
        return  # what is allowed here is said in full
    else:
        yield Misfit(INVALID, path, *_sentence(error))


def _unknown_fields(error: "ValidationError", path: Path) -> Iterator[Misfit]:
    schema = _schema(error)
    known = list(schema.get("properties", {}))
    reasons: Mapping[str, str] = schema.get("x-forbidden", {})
    instance: Any = error.instance
    for name in instance:
        if name in known:
            continue
        if name in reasons:
            yield Misfit(
                FORBIDDEN, (*path, name), f"`{name}` has no place in a release request", reasons[name], key=True
            )
            continue
        near = difflib.get_close_matches(str(name), known, 1)
        hint = f"Did you mean `{near[0]}`?" if near else f"Allowed here: {', '.join(known)}."
        yield Misfit(INVALID, (*path, name), f"there is no field `{name}`", hint, key=True)


def _missing(error: "ValidationError", path: Path) -> Misfit:
    names: Any = error.validator_value
    name = str(next(name for name in names if error.message.startswith(repr(name))))
    described = _schema(error).get("properties", {}).get(name, {})
    hint = f"Add `{name}:`. {described.get('description', '')}".strip()
    return Misfit(INVALID, (*path, name), f"`{name}` is missing" + (f" in {_where(path)}" if path else ""), hint)


def _repeated(error: "ValidationError", path: Path) -> Iterator[Misfit]:
    """Each item that stands in its list before."""
    items: Any = error.instance
    for index, item in enumerate(items):
        if item in items[:index]:
            yield Misfit(INVALID, (*path, index), f"{_subject(error)} holds an item twice", "Delete one of the two.")


def _sentence(error: "ValidationError") -> tuple[str, str]:
    subject = _subject(error)
    wanted: Any = error.validator_value
    keyword = str(error.validator)
    if keyword == "type":
        return f"{subject} is {_shown(error.instance)}", _type_hint(error)
    if keyword in ("enum", "const"):
        allowed: list[Any] = wanted if isinstance(wanted, list) else [wanted]
        near = difflib.get_close_matches(str(error.instance), [str(item) for item in allowed], 1)
        suggestion = f" Did you mean `{near[0]}`?" if near and len(allowed) > 1 else ""
        return f"{subject} is {_shown(error.instance)}", f"Allowed: {', '.join(map(str, allowed))}.{suggestion}"
    if keyword in ("minItems", "minProperties", "minLength"):
        return f"{subject} is empty", _rule_of(error)
    if keyword in ("maxItems", "maxProperties", "maxLength"):
        return f"{subject} is too long: at most {wanted}", _rule_of(error)
    if keyword in BOUNDS:
        return f"{subject} is {_shown(error.instance)}: {BOUNDS[keyword]} {wanted}", _rule_of(error)
    return f"{subject} cannot be {_shown(error.instance)}", _rule_of(error)


def _type_hint(error: "ValidationError") -> str:
    wanted: Any = error.validator_value
    names = wanted if isinstance(wanted, list) else [wanted]
    if "string" in names and isinstance(error.instance, bool | int | float):
        return f'Text is expected: put it in quotes, "{_plain(error.instance)}".'
    if "integer" in names and isinstance(error.instance, str) and WHOLE_NUMBER.fullmatch(error.instance):
        return f"A whole number is expected: take the quotes off, {error.instance}."
    return f"Expected: {' or '.join(TYPES.get(str(name), str(name)) for name in names)}. {_rule_of(error)}".strip()


def _schema(error: "ValidationError") -> Mapping[str, Any]:
    return error.schema if isinstance(error.schema, dict) else {}


def _rule_of(error: "ValidationError") -> str:
    schema = _schema(error)
    examples = schema.get("examples", ())
    if not examples or isinstance(examples[0], dict | list):
        return str(schema.get("description", ""))
    return f"{schema.get('description', '')} For example: {_plain(examples[0]).removesuffix('.')}.".strip()


def _subject(error: "ValidationError") -> str:
    return _where(tuple(error.absolute_path)) if error.absolute_path else "the document"


def _where(path: Path) -> str:
    shown = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return f"`{shown.removeprefix('.')}`"


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "empty"
    shown = _plain(value)
    return f'"{shown[:77]}..."' if len(shown) > 80 else (f'"{shown}"' if isinstance(value, str) else shown)


def _plain(value: Any) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
