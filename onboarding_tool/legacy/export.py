"""Reading an export: bytes of files -> Kubernetes objects, each with its place and, where it has one, its own text."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from onboarding_tool import yamltext
from onboarding_tool.errors import UsageError
from onboarding_tool.model import Object, mapping, text
from onboarding_tool.yamltext import Dialect, Path, Value

# A whole namespace with managedFields is far larger than any file that is kept.
EXPORT = Dialect(max_bytes=16 * 1024 * 1024, max_depth=64, many=True, strict=False, escapes=True, max_values=1_600_000)
# Every splice reads its text with a slow parser, twice. A longer text is written anew, without its comments.
LONGEST_TEXT = 32 * 1024
MOST_LISTED = 20
MOST_READ = 4 * 1024 * 1024

# Measured with kustomize 5.8.1: it fails on these, however they are written; U+0085 it turns into a line break.
UNRENDERABLE = re.compile("[\x7f-\x9f\ufffe\uffff]")
DOCUMENT = re.compile(r"^---(?=[ \t\n]|\Z)", re.MULTILINE)
DOCUMENT_END = re.compile(r"^\.\.\.[ \t]*(?:#[^\n]*)?$", re.MULTILINE)
KUSTOMIZATION_FILES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
RENDER_FIRST = "Render it first and import the result: `kustomize build DIR | onboard api import ... --from -`."
TEMPLATE_FIRST = "`{{` looks like a template: render it first (`helm template`), and import the result."


@dataclass(frozen=True, slots=True)
class Source:
    """One file of the export, by the name it is shown under."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Exported:
    """One object. `text`: its document, if it is alone in one that is written in block style; else ""."""

    source: Source
    object: Object
    text: str = ""

    @property
    def value(self) -> Mapping[str, Any]:
        return self.object.value

    @property
    def title(self) -> str:
        """`Deployment payments`, safe to print whatever the export says."""
        return f"{printable(self.object.kind)} {printable(self.object.name)}".strip()

    def place(self, *keys: str | int) -> str:
        """`file:line:column` of a field of the object. Reads the whole file again."""
        mark = yamltext.locate(self.source.data, (*self.object.at, *keys), self.object.document)
        return f"{self.source.name}:{mark.line}:{mark.column}"

    def fault(self, said: str, *keys: str | int) -> "Fault":
        return Fault(self, keys, said)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a field of an object. Its place is looked up only when it is shown."""

    item: Exported
    at: Path
    said: str
    before: Exported | None = None

    def __str__(self) -> str:
        first = f"; first at {self.before.place()}" if self.before else ""
        return f"{self.item.place(*self.at)}: {self.said}{first}"


def printable(name: str) -> str:
    """A name as it is, or as a Python literal if it could do harm where it is printed."""
    return name if re.fullmatch(r"[A-Za-z0-9.:/_-]{0,253}", name) else repr(name[:80])


def refusal(lines: Sequence[str | Fault], hint: str = "") -> UsageError:
    """The error that nothing was imported, with its reasons."""
    shown = [str(line) for line in lines[: _affordable(lines)]]
    if len(lines) > len(shown):
        shown.append(f"and {len(lines) - len(shown):,} more")
    return UsageError("\n  ".join(["the export cannot be imported; nothing was written", *shown]), hint)


def _affordable(lines: Sequence[str | Fault]) -> int:
    """How many are listed: at least one, and no more than can be looked up soon."""
    left = MOST_READ
    for count, line in enumerate(lines[:MOST_LISTED]):
        left -= len(line.item.source.data) if isinstance(line, Fault) else 0
        if left < 0:
            return max(count, 1)
    return MOST_LISTED


def read(sources: Mapping[str, bytes]) -> list[Exported]:
    """Every object of every source, in their order. Raises UsageError naming all that cannot be read."""
    problems: list[str | Fault] = []
    objects = [item for name, data in sources.items() for item in _objects(Source(name, data), problems)]
    if problems:
        raise refusal(problems)
    if not objects:
        raise refusal(
            ["there is no object in " + (", ".join(sources) or "it")], "`kubectl get ... -o yaml` writes some."
        )
    return objects


def _objects(source: Source, problems: list[str | Fault]) -> Iterator[Exported]:
    if source.name.replace("\\", "/").rpartition("/")[2] in KUSTOMIZATION_FILES:
        problems.append(f"{source.name}: a kustomization says what becomes of the files beside it. {RENDER_FIRST}")
        return
    parsed = yamltext.read(source.data, EXPORT)
    template = TEMPLATE_FIRST if b"{{" in source.data else ""
    for problem in parsed.problems:
        place = f"{source.name}:{problem.line}:{problem.column}"
        problems.append(f"{place}: {problem.message}. {template or problem.hint}")
    if parsed.problems:
        return
    texts = _texts(source.data, parsed.documents)
    for index, document in enumerate(parsed.documents):
        yield from _of_document(source, index, document, texts[index], problems)


def _of_document(source: Source, index: int, value: Value, own: str, problems: list[str | Fault]) -> Iterator[Exported]:
    if value is None:
        return
    for item in _flat(source.name, index, value, ()):
        exported = Exported(source, item, "" if item.at else own)
        if reason := _unfit(item):
            problems.append(exported.fault(reason))
        else:
            yield exported


def _flat(path: str, document: int, value: Value, at: Path) -> Iterator[Object]:
    """The object, or the items of a `kind: List` (and of a DeploymentList and so on) one by one."""
    holder = value if isinstance(value, dict) else {}
    items = holder.get("items")
    if text(holder.get("kind")).endswith("List") and (items is None or isinstance(items, list)):
        for index, item in enumerate(items or []):
            yield from _flat(path, document, item, (*at, "items", index))
    else:
        yield Object(path, document, at, value)  # type: ignore[arg-type]  # judged by _unfit


def _unfit(item: Object) -> str | None:
    """Why this is no Kubernetes object."""
    if not isinstance(item.value, dict):
        return "this is no Kubernetes object: it is no mapping, as `kubectl get ... -o yaml` writes one"
    for key in ("apiVersion", "kind"):
        if not text(item.value.get(key)):
            return f"this is no Kubernetes object: it has no `{key}`"
    if item.group == "kustomize.config.k8s.io":
        return RENDER_FIRST
    if not text(mapping(item.value.get("metadata")).get("name")):
        return f"this {printable(item.kind)} has no `metadata.name`"
    return None


def unrenderable(value: Any, at: Path = ()) -> Iterator[tuple[Path, str]]:
    """(place, character) of what would be lost, in keys and values."""
    if isinstance(value, str):
        yield from ((at, found[0]) for found in UNRENDERABLE.finditer(value))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from unrenderable(item, (*at, index))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from unrenderable(key, at)
            yield from unrenderable(item, (*at, key))


# Documents as text


def _texts(data: bytes, documents: tuple[Value, ...]) -> list[str]:
    """The text of each document that is written in block style; "" for one that is not, or if there is any doubt."""
    whole = data.decode("utf-8").removeprefix("\ufeff").replace("\r\n", "\n")
    chunks = list(_chunks(whole))
    filled = [index for index, document in enumerate(documents) if document is not None]
    texts = [""] * len(documents)
    if len(chunks) == len(filled):
        for index, chunk in zip(filled, chunks, strict=True):
            texts[index] = chunk if _is_editable(chunk) and _says(chunk, documents[index]) else ""
    return texts


def _chunks(whole: str) -> Iterator[str]:
    """The pieces between document markers that say something; a piece of comments belongs to the next one."""
    lead = ""
    for piece in DOCUMENT.split(whole):
        lead = f"{lead}{DOCUMENT_END.sub('', piece).strip(chr(10))}\n".lstrip("\n")
        if _content(lead):
            yield lead
            lead = ""


def _content(piece: str) -> str:
    """The first line that is neither blank nor a comment, without its indentation."""
    lines = (line.lstrip() for line in piece.split("\n"))
    return next((line for line in lines if line and not line.startswith("#")), "")


def _is_editable(chunk: str) -> bool:
    return len(chunk) <= LONGEST_TEXT and not _content(chunk).startswith("{")


def _says(chunk: str, value: Value) -> bool:
    parsed = yamltext.read(chunk.encode(), EXPORT)
    return not parsed.problems and len(parsed.documents) == 1 and same(parsed.documents[0], value)


def same(one: Any, other: Any) -> bool:
    """Whether two values mean the same; unlike ==, true is not 1."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
