"""A schema of a Kubernetes kind as a function that tells what does not fit.

A fleet's check judges every object that is delivered, so a schema is compiled once: each form knows by the type of a
value which function judges it, and most values need none. Only what does not fit costs more.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from types import NoneType
from typing import Any

from onboarding_tool.wording import counted, did_you_mean, listed
from onboarding_tool.yamltext import Path

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Misfit:
    """What is wrong at a place of a value, in half a sentence, and the way out."""

    at: Path
    problem: str
    hint: str


Judge = Callable[[Any], Sequence[Misfit]]


@dataclass(frozen=True, slots=True)
class Form:
    """What a value may be: a judge for each type that it may have, None where any value of the type fits."""

    judges: Mapping[type, Judge | None]
    wanted: str


# JSON's types as ours, and as a person says them.
TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int, float),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
    "null": (NoneType,),
}
WORDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "a mapping",
    "array": "a list",
}
# What is bounded: the keywords, and what is counted. A number is bounded itself.
BOUNDS = {
    str: ("minLength", "maxLength", "character"),
    list: ("minItems", "maxItems", "item"),
    dict: ("minProperties", "maxProperties", "field"),
    int: ("minimum", "maximum", ""),
    float: ("minimum", "maximum", ""),
}
# The patterns that are met most, as a person says them.
LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
NAME = rf"{LABEL}(\.{LABEL})*"
PATTERNS = {
    f"^{LABEL}$": "lower-case letters, digits and hyphens",
    f"^{NAME}$": "a host name in lower case",
    f"^$|^{NAME}$": "a host name in lower case, or nothing",
    rf"^(\*\.)?{NAME}$": "a host name in lower case, or *. and one",
    "^([0-9]{1,5}(h|m|s|ms)){1,4}$": "a duration such as 10s or 1h30m",
    r"^[A-Za-z0-9!#$%&'*+\-.^_\x60|~]+$": "the name of a header",
}
# To Go a `$` is the end of the text, to Python also a newline before it.
END = re.compile(r"(?<!\\)\$(?=$|[|)])")
FITS: tuple[Misfit, ...] = ()
LONGEST_SHOWN = 60


def compiled(definitions: Mapping[str, Schema], names: Mapping[str, str]) -> dict[str, Judge]:
    """Judges by the keys of `names`, whose values are names of definitions. No definition may lead to itself."""
    compiler = _Compiler(definitions)
    forms = {key: compiler.form({"$ref": name}) for key, name in names.items()}
    return {key: _judge_of(form) for key, form in forms.items()}


class _Compiler:
    """Schemas -> forms; what several schemas refer to becomes one form."""

    def __init__(self, definitions: Mapping[str, Schema]) -> None:
        self.definitions = definitions
        self.forms: dict[str, Form] = {}

    def form(self, schema: Schema) -> Form:
        if "$ref" not in schema:
            return self.made(schema)
        name = schema["$ref"]
        if name not in self.forms:
            self.forms[name] = self.made(self.definitions[name])
        return self.forms[name]

    def made(self, schema: Schema) -> Form:
        named = schema.get("type", list(TYPES))
        types = [named] if isinstance(named, str) else named
        judges = {kind: self.judge(schema, kind) for name in types for kind in TYPES[name]}
        wanted = " or ".join(WORDS[name] for name in types if name != "null")
        if "integer" in types and "number" not in types:
            judges[float] = _whole(judges[float], wanted)
        return Form(judges, wanted)

    def judge(self, schema: Schema, kind: type) -> Judge | None:
        """What judges the values of one type; None if all of them fit."""
        return _together([*self.by_type(schema, kind), *self.by_value(schema)])

    def by_type(self, schema: Schema, kind: type) -> Iterator[Judge]:
        if kind is dict and not schema.keys().isdisjoint(("properties", "required", "additionalProperties")):
            yield self.fields(schema)
        if kind is list and "items" in schema:
            yield _items(self.form(schema["items"]))
        if kind is list and (schema.get("uniqueItems") or "x-kubernetes-list-map-keys" in schema):
            yield _each_once(schema.get("x-kubernetes-list-map-keys", ()))
        low, high, unit = BOUNDS.get(kind, ("", "", ""))
        bounds = _within(schema.get(low, -inf), schema.get(high, inf), unit) if {low, high} & schema.keys() else None
        if kind is str and "pattern" in schema:
            yield _matching(schema["pattern"], bounds)
        elif bounds:
            yield bounds

    def by_value(self, schema: Schema) -> Iterator[Judge]:
        if "enum" in schema:
            yield _one_of(schema["enum"])
        if schema.get("format") == "ip":
            yield _ip_address
        if "not" in schema:
            yield _none_of(self.form(schema["not"]))
        if "oneOf" in schema:
            yield _one_form([self.form(one) for one in schema["oneOf"]])

    def fields(self, schema: Schema) -> Judge:
        # Kubernetes takes a null for a field that is not there, whatever its type.
        fields = {name: _or_null(self.form(one)) for name, one in schema.get("properties", {}).items()}
        others = schema.get("additionalProperties", True)
        return _fields(fields, None if others is False else self.form({} if others is True else others), schema)


def _judge_of(form: Form) -> Judge:
    """A form as one function."""
    return lambda value: _judged(form, value)


def _judged(form: Form, value: Any) -> Sequence[Misfit]:
    if type(value) not in form.judges:
        return (_of_other_type(form.wanted, value),)
    judge = form.judges[type(value)]
    return judge(value) if judge else FITS


def _or_null(form: Form) -> Form:
    return Form({**form.judges, NoneType: None}, form.wanted)


def _together(judges: Sequence[Judge]) -> Judge | None:
    if len(judges) < 2:
        return judges[0] if judges else None
    return lambda value: [misfit for judge in judges for misfit in judge(value)]


# A mapping and a list look up what judges their values themselves, instead of calling `_judged`: of most values any
# fits, and for those the call would be most of the work.


def _fields(fields: Mapping[str, Form], others: Form | None, schema: Schema) -> Judge:
    required = tuple(schema.get("required", ()))

    def judge(value: Mapping[str, Any]) -> Sequence[Misfit]:
        found = [_missing(name) for name in required if value.get(name) is None]
        for name, item in value.items():
            form = fields.get(name, others)
            if form is None:
                found.append(_unknown(name, fields))
            elif type(item) not in form.judges:
                found.append(_of_other_type(form.wanted, item, name))
            elif (judge := form.judges[type(item)]) and (wrong := judge(item)):
                found += _below(name, wrong)
        return found

    return judge


def _items(form: Form) -> Judge:
    judges = form.judges

    def judge(value: Sequence[Any]) -> Sequence[Misfit]:
        found: list[Misfit] = []
        for index, item in enumerate(value):
            if type(item) not in judges:
                found.append(_of_other_type(form.wanted, item, index))
            elif (judge := judges[type(item)]) and (wrong := judge(item)):
                found += _below(index, wrong)
        return found

    return judge


def _below(step: str | int, misfits: Sequence[Misfit]) -> Iterator[Misfit]:
    return (Misfit((step, *one.at), one.problem, one.hint) for one in misfits)


def _each_once(keys: Sequence[str]) -> Judge:
    """No two items that are equal, or equal in these fields. Kubernetes cannot tell such items apart."""

    def judge(value: Sequence[Any]) -> Sequence[Misfit]:
        seen: dict[str, int] = {}
        found = []
        for index, item in enumerate(value):
            identity = [item.get(key) for key in keys] if keys and isinstance(item, dict) else item
            first = seen.setdefault(repr(identity), index)
            if first != index:
                what = f"the same {listed(f'`{key}`' for key in keys)}" if keys else "the same value"
                problem = f"has {what} as item {first} of the list, where Kubernetes wants each once"
                found.append(Misfit((index,), problem, "Delete or change one of the two."))
        return found

    return judge


def _within(low: float, high: float, unit: str) -> Judge:
    def judge(value: Any) -> Sequence[Misfit]:
        size = len(value) if unit else value
        if low <= size <= high:
            return FITS
        wanted = f"at least {low}" if size < low else f"at most {high}"
        if not unit:
            return (Misfit((), f"is {value}, where Kubernetes wants {wanted}", f"Write {wanted}."),)
        way = f"Add {counted(int(low - size), unit)}" if size < low else f"Take out {counted(int(size - high), unit)}"
        return (Misfit((), f"has {counted(size, unit)}, where Kubernetes wants {wanted}", f"{way}."),)

    return judge


def _matching(pattern: str, bounds: Judge | None) -> Judge:
    """Only text that is not too long is matched: Python's expressions can take long where Go's cannot."""
    fits = re.compile(END.sub(r"\\Z", pattern), re.ASCII).search

    def judge(value: str) -> Sequence[Misfit]:
        if bounds and (wrong := bounds(value)):
            return wrong
        if fits(value):
            return FITS
        problem = f"is {_described(value)}, where Kubernetes wants {PATTERNS.get(pattern, 'text of another form')}"
        return (Misfit((), problem, f"It has to match `{pattern}`."),)

    return judge


def _one_of(values: Sequence[Any]) -> Judge:
    def judge(value: Any) -> Sequence[Misfit]:
        if value in values:
            return FITS
        wanted = " or ".join(map(str, values))
        hint = did_you_mean(str(value), map(str, values), f"Write {wanted}.")
        return (Misfit((), f"is {_described(value)}, where Kubernetes wants {wanted}", hint),)

    return judge


def _ip_address(value: Any) -> Sequence[Misfit]:
    import ipaddress  # which nearly no run needs, and which takes long to load

    try:
        ipaddress.ip_address(value)
    except ValueError:
        return (Misfit((), f"is {_described(value)}, where Kubernetes wants an IP address", "Write one."),)
    return FITS


def _none_of(form: Form) -> Judge:
    def judge(value: Any) -> Sequence[Misfit]:
        if _judged(form, value):
            return FITS
        return (Misfit((), f"is {_described(value)}, which Kubernetes does not take there", "Write another."),)

    return judge


def _one_form(forms: Sequence[Form]) -> Judge:
    """Exactly one has to fit; of a value that fits none, the form is told that it is nearest to."""

    def judge(value: Any) -> Sequence[Misfit]:
        wrong = [_judged(form, value) for form in forms]
        fitting = sum(not one for one in wrong)
        if fitting == 1:
            return FITS
        if not fitting:
            return min(wrong, key=len)
        problem = "fits several forms of which Kubernetes wants one"
        return (Misfit((), problem, "Take out the fields of the others."),)

    return judge


def _whole(judge: Judge | None, wanted: str) -> Judge:
    def judge_float(value: float) -> Sequence[Misfit]:
        if not value.is_integer():
            return (_of_other_type(wanted, value),)
        return judge(value) if judge else FITS

    return judge_float


def _of_other_type(wanted: str, value: Any, *at: str | int) -> Misfit:
    is_scalar = not isinstance(value, dict | list)
    hint = f'Write "{_shown(value)}" in quotes.' if is_scalar and "text" in wanted else f"Write {wanted}."
    return Misfit(at, f"is {_described(value)}, where Kubernetes wants {wanted}", hint)


def _missing(name: str) -> Misfit:
    return Misfit((), f"has no `{name}`, which Kubernetes wants", f"Add `{name}:`.")


def _unknown(name: str, known: Mapping[str, Form]) -> Misfit:
    hint = did_you_mean(name, known, "Delete it, or move it to where it belongs.")
    return Misfit((name,), "is no field that Kubernetes knows there", hint)


def _described(value: Any) -> str:
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    return f"the text {_shown(value)!r}" if isinstance(value, str) else _shown(value)


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."
