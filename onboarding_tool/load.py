"""Tree -> (Repo, findings): everything that can be read is read, whatever else is broken. Never raises on bytes."""

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from enum import IntEnum
from typing import Any

from onboarding_tool import schema, yamltext
from onboarding_tool.findings import Finding, Who
from onboarding_tool.model import (
    EXCEPTIONS_FILE,
    PLATFORM_FILE,
    SCHEMA_OF_KIND,
    TEAMS_FILE,
    Api,
    Container,
    Delivery,
    Entry,
    Environment,
    Kustomization,
    Lifecycle,
    Member,
    Object,
    Phase,
    Placement,
    Platform,
    Record,
    Repo,
    Request,
    Route,
    RuleException,
    Team,
    Workload,
    mapping,
    sequence,
    text,
)
from onboarding_tool.tree import SYMLINK, Tree
from onboarding_tool.yamltext import KUSTOMIZATION, MANIFEST, OURS, Value

METADATA_PATH = re.compile(r"apps/[^/]+/metadata\.yaml")
REQUEST_PATH = re.compile(r"apps/([^/]+)/requests/([^/]+)/[^/]+\.yaml")
RECORD_PATH = re.compile(r"apps/([^/]+)/releases/([^/]+)/([0-9]{6})-([0-9a-f]{16})\.yaml")
OUTCOME_PATH = re.compile(r"apps/([^/]+)/releases/([^/]+)/([0-9]{6})-([0-9a-f]{16})\.outcome\.yaml")
FIRST_WORD = re.compile(rb"(?:(?:#.*)?\n)*[A-Za-z]")
TOP_LINE = re.compile(rb"^[^ #\n-].*", re.MULTILINE)
TOP_KEY = re.compile(rb"[A-Za-z]+:(?: |$)")
IS_ONE = b"\nkind: Deployment\n"  # as nearly each of them says; nobody has to look closer
OTHER_KIND = re.compile(rb"kind: (?!Deployment$)[A-Za-z]+(?<!List)")
DURATION = re.compile(r"([0-9]+)([smh])")
SECONDS = {"s": 1, "m": 60, "h": 3600}


class Depth(IntEnum):
    """How much of each API is read."""

    METADATA = 1
    RUNNING = 2  # all, but of the manifests those that may hold a Deployment, and of each environment the last record
    ALL = 3


def load(tree: Tree, only: Collection[str] | None = None, depth: Depth = Depth.ALL) -> tuple[Repo, list[Finding]]:
    """The repo that a tree declares, and what is wrong with the files as files: YAML, schema, shape.

    `only`: names of the APIs to read (all without it); `depth`: how much of each.
    """
    reader = _Reader(tree)
    platform = reader.platform()
    platform_team, teams = reader.teams() or ("platform-team", None)
    exceptions = reader.exceptions()
    read, found = apis(tree, tree.folders("apps") if only is None else only, depth)
    found += reader.findings
    sound = not any(is_declaration(finding.path) for finding in found)
    repo = Repo(tree, platform, platform_team, teams or {}, read, exceptions, sound=sound)
    return replace(repo, teams_read=teams is not None), sorted(found)


def apis(tree: Tree, names: Iterable[str], depth: Depth = Depth.ALL) -> tuple[dict[str, Api], list[Finding]]:
    """The APIs of these names that are there, in order, and what is wrong with their files as files."""
    reader = _Reader(tree, depth)
    read = {name: reader.api(name) for name in sorted(names) if tree.has_folder(f"apps/{name}")}
    return read, reader.findings


def objects_of(tree: Tree, path: str) -> Iterator[Object]:
    """The objects of a file that no API owns; what cannot be read is left out, for other rules to tell."""
    for index, document in enumerate(yamltext.read(tree.read(path), MANIFEST).documents):
        yield from _objects(path, index, document)


def is_declaration(path: str) -> bool:
    """Whether everything that is generated rests on this file."""
    return path in (PLATFORM_FILE, TEAMS_FILE) or METADATA_PATH.fullmatch(path) is not None


def request_id(path: str, data: bytes) -> str:
    """The whole id of a release request: of its path and its bytes."""
    return hashlib.sha256(path.encode("utf-8", "surrogateescape") + b"\0" + data).hexdigest()


class _Reader:
    """Reads one tree and collects findings."""

    def __init__(self, tree: Tree, depth: Depth = Depth.ALL) -> None:
        self.tree = tree
        self.depth = depth
        self.findings: list[Finding] = []

    def platform(self) -> Platform:
        value = self.ours(PLATFORM_FILE, "Platform")
        return _platform(value) if value is not None else Platform()

    def teams(self) -> tuple[str, dict[str, Team]] | None:
        """The platform team and all teams; None if nothing of the file can be read."""
        value = self.ours(TEAMS_FILE, "Teams")
        if value is None:
            return None
        teams = {name: _team(name, mapping(item)) for name, item in mapping(value.get("teams")).items()}
        return text(value.get("platform")) or "platform-team", teams

    def exceptions(self) -> tuple[RuleException, ...]:
        if EXCEPTIONS_FILE not in self.tree:
            return ()
        value = self.ours(EXCEPTIONS_FILE, "RuleExceptions") or {}
        return tuple(_exception(mapping(item)) for item in sequence(value.get("exceptions")))

    def api(self, name: str) -> Api:
        path = f"apps/{name}/metadata.yaml"
        value = self.ours(path, "Api") or {}
        api = _api(name, value)
        if self.depth is Depth.METADATA:
            return api
        return replace(
            api,
            base=self.kustomization(f"apps/{name}/base"),
            overlays=self.overlays(name),
            requests=tuple(self.requests(name)),
            records=tuple(self.records(name)),
        )

    def overlays(self, name: str) -> dict[str, Kustomization]:
        folder = f"apps/{name}/overlays"
        read = {env: self.kustomization(f"{folder}/{env}") for env in self.tree.folders(folder)}
        return {env: overlay for env, overlay in read.items() if overlay is not None}

    def kustomization(self, folder: str) -> Kustomization | None:
        """A base or overlay; its objects are those of the YAML files directly in the folder or below it."""
        path = f"{folder}/kustomization.yaml"
        if path not in self.tree:
            return None
        before = len(self.findings)
        documents = self.yaml(path, KUSTOMIZATION)
        value = documents[0] if documents else None
        if documents and not isinstance(value, dict):
            what = "is empty" if value is None else "is no mapping"
            self.report(path, "schema-invalid", f"the kustomization {what}", "Write `resources:` and so on.")
        objects = tuple(self.objects(folder, mapping(value)))
        return Kustomization(folder, mapping(value), objects, complete=len(self.findings) == before)

    def objects(self, folder: str, value: Mapping[str, Any]) -> Iterator[Object]:
        """The objects of the resources that a kustomization lists and that are files of its own folder."""
        for resource in sequence(value.get("resources")):
            path = f"{folder}/{text(resource).removeprefix('./')}"
            if ".." in path.split("/") or not self.tree.has_file(path):
                continue
            if self.depth is Depth.RUNNING and not _may_run(self.tree.read(path)):
                continue
            for index, document in enumerate(self.yaml(path, MANIFEST, who=Who.PLATFORM)):
                yield from _objects(path, index, document)

    def requests(self, name: str) -> Iterator[Request]:
        for path in self.tree.paths(f"apps/{name}/requests"):
            if found := REQUEST_PATH.fullmatch(path):
                yield self.request(path, found[1], found[2])

    def request(self, path: str, api: str, environment: str) -> Request:
        data = self.tree.read(path)
        before = len(self.findings)
        documents = self.yaml(path, OURS, who=Who.APP_TEAM)
        value = documents[0] if documents else None
        if documents:
            self.judged(path, "ReleaseRequest", value, Who.APP_TEAM)
        valid = len(self.findings) == before
        digest = hashlib.sha256(data).hexdigest()
        return Request(path, api, environment, digest, request_id(path, data), value, valid)

    def records(self, name: str) -> Iterator[Record]:
        paths = self.tree.paths(f"apps/{name}/releases")
        for path in _last_records(paths) if self.depth is Depth.RUNNING else paths:
            if OUTCOME_PATH.fullmatch(path):
                self.ours(path, "ReleaseOutcome")
            elif found := RECORD_PATH.fullmatch(path):
                value = self.ours(path, "ReleaseRecord") or {}
                digest = hashlib.sha256(self.tree.read(path)).hexdigest()
                yield Record(path, found[1], found[2], digest, value)

    def ours(self, path: str, kind: str) -> Mapping[str, Any] | None:
        """The fitting part of a file of one of our kinds; None if nothing of it can be read."""
        if path not in self.tree:
            self.report(path, "file-missing", f"there is no {path}", _MISSING.get(kind, "Restore it with git."))
            return None
        documents = self.yaml(path, OURS)
        if not documents:
            return None
        return mapping(self.judged(path, kind, documents[0], Who.PLATFORM)) or None

    def judged(self, path: str, kind: str, value: Value, who: Who) -> Value:
        misfits = schema.judge(SCHEMA_OF_KIND[kind], value)
        for misfit in misfits:
            mark = yamltext.locate(self.tree.read(path), misfit.path, key=misfit.key)
            self.report(path, misfit.rule, misfit.message, misfit.hint, mark, who)
        return schema.fitting(value, misfits) if misfits else value

    def yaml(self, path: str, dialect: yamltext.Dialect, who: Who = Who.PLATFORM) -> tuple[Value, ...]:
        file = self.tree[path]
        if file.mode == SYMLINK:
            return ()  # the rule path-mode-forbidden says it; a link's target is no YAML of ours
        parsed = yamltext.read(file.data, dialect)
        for problem in parsed.problems:
            mark = yamltext.Mark(problem.line, problem.column)
            self.report(path, problem.rule, problem.message, problem.hint, mark, who)
        return parsed.documents or ((None,) if not parsed.problems else ())

    def report(
        self,
        path: str,
        rule: str,
        message: str,
        hint: str,
        mark: yamltext.Mark = yamltext.Mark(1, 1),  # noqa: B008 - a frozen value
        who: Who = Who.PLATFORM,
    ) -> None:
        self.findings.append(Finding(path, mark.line, mark.column, rule, message, hint, who=who))


def _may_run(data: bytes) -> bool:
    """Whether a manifest can hold a Deployment. An escape may spell the word, and an autoscaler says it, too."""
    return IS_ONE in data or b"\\" in data or (b"Deployment" in data and not _is_another(data))


def _is_another(data: bytes) -> bool:
    """Whether the text is plainly one object of another kind: every key at its top is a bare word, and stands as the
    first one does at the beginning of a line, so that no kind is spelled or put in another way.
    """
    top = TOP_LINE.findall(data)
    kinds = [line for line in top if line.startswith(b"kind:")]
    return (
        FIRST_WORD.match(data) is not None
        and b"\n---" not in data
        and all(map(TOP_KEY.match, top))
        and len(kinds) == 1
        and OTHER_KIND.fullmatch(kinds[0]) is not None
    )


def _last_records(paths: Iterable[str]) -> Iterable[str]:
    """Of each environment. Their number only grows, and a list of all APIs would read them all."""
    return {found[2]: path for path in paths if (found := RECORD_PATH.fullmatch(path))}.values()


_MISSING = {
    "Platform": "Restore it: `git checkout -- platform.yaml`. A new config repo: `onboard init DIR`.",
    "Teams": "`git checkout -- teams.yaml` restores it.",
    "Api": "Every directory below apps/ declares its API: `onboard api add NAME ...` or `onboard api import NAME ...`.",
}


def seconds(duration: str) -> int:
    """`30m` in seconds; 1800 if it is no duration."""
    found = DURATION.fullmatch(duration)
    return int(found[1]) * SECONDS[found[2]] if found else 1800


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(item for item in sequence(value) if isinstance(item, str))


def _platform(value: Mapping[str, Any]) -> Platform:
    default = Platform()
    argocd, rules = mapping(value.get("argocd")), mapping(value.get("images"))
    return Platform(
        read=True,
        tool_version=text(mapping(value.get("tool")).get("version")),
        repository=text(value.get("repository")),
        argocd_namespace=argocd.get("namespace", default.argocd_namespace),
        argocd_version=argocd.get("version", default.argocd_version),
        argocd_refresh=argocd.get("refresh", default.argocd_refresh),
        registries=_texts(value.get("registries")),
        require=rules.get("require", default.require),
        forbidden_tags=_texts(rules["forbidden_tags"]) if "forbidden_tags" in rules else default.forbidden_tags,
        ownership_label=value.get("ownership_label", default.ownership_label),
        kustomize=value.get("kustomize", default.kustomize),
        kubernetes=value.get("kubernetes", default.kubernetes),
        forbidden_namespaces=_texts(value.get("forbidden_namespaces", list(default.forbidden_namespaces))),
        components=_texts(value.get("components")),
        ingress_from=tuple(text(mapping(item).get("namespace")) for item in sequence(value.get("ingress_from"))),
        quota=mapping(value.get("quota")) or {"requests.cpu": "4", "requests.memory": "8Gi", "pods": "40"},
        clusters={name: text(mapping(item).get("context")) for name, item in mapping(value.get("clusters")).items()},
        environments={
            name: _environment(name, mapping(item)) for name, item in mapping(value.get("environments")).items()
        },
        capabilities={name: _texts(item) for name, item in mapping(value.get("capabilities", CAPABILITIES)).items()},
    )


CAPABILITIES = {"L0": [], "L1": ["config"], "L2": ["config", "resources", "autoscaling"]}


def _environment(name: str, value: Mapping[str, Any]) -> Environment:
    entry, approval = mapping(value.get("entry")), mapping(value.get("approval"))
    return Environment(
        name=name,
        cluster=text(value.get("cluster")),
        entry=Entry(text(entry.get("host")), entry.get("target", "ingress-nginx"), text(entry.get("class"))),
        sync=value.get("sync", "auto"),
        revision=value.get("revision", "refs/heads/main"),
        requests=value.get("requests", "queue"),
        approval_by=approval.get("by", "platform"),
        approval_count=approval.get("count", 1),
        release_timeout=seconds(text(value.get("release_timeout"))),
    )


def _team(name: str, value: Mapping[str, Any]) -> Team:
    members = tuple(
        Member(text(mapping(item).get("login")), mapping(item).get("id")) for item in sequence(value.get("members"))
    )
    return Team(name, value.get("github"), _texts(value.get("tenants")), members)


def _exception(value: Mapping[str, Any]) -> RuleException:
    rule, path, reason, owner, expiry = (text(value.get(key)) for key in ("rule", "path", "reason", "owner", "expiry"))
    return RuleException(rule, path, reason, owner, expiry, value.get("count", 1))


def _api(name: str, value: Mapping[str, Any]) -> Api:
    environments = mapping(value.get("environments"))
    return Api(
        name=name,
        api_name=text(value.get("api_name")),
        tenant=text(value.get("tenant")),
        team=text(value.get("team")),
        lifecycle=Lifecycle(value.get("lifecycle", "active")),
        capability=value.get("capability", "L0"),
        delivery=Delivery(value.get("delivery", "argocd")),
        workloads=tuple(_workload(mapping(item)) for item in sequence(value.get("workloads"))),
        environments={
            env: Placement(text(mapping(item).get("namespace")), mapping(item).get("manage", "full"))
            for env, item in environments.items()
        },
        routes=tuple(_route(mapping(item)) for item in sequence(value.get("routes"))),
    )


def _workload(value: Mapping[str, Any]) -> Workload:
    containers = (mapping(item) for item in sequence(value.get("containers")))
    return Workload(
        text(value.get("deployment")),
        tuple(Container(text(item.get("name")), text(item.get("image"))) for item in containers),
    )


def _route(value: Mapping[str, Any]) -> Route:
    return Route(
        prefix=text(value.get("prefix")),
        service=text(value.get("service")),
        port=value.get("port", 0),
        strip_prefix=value.get("strip_prefix", True),
        legacy_hosts=_texts(value.get("legacy_hosts")),
        legacy=value.get("legacy", "generated"),
        phase={env: Phase(phase) for env, phase in mapping(value.get("phase")).items()},
    )


def _objects(path: str, document: int, value: Value, at: yamltext.Path = ()) -> Iterator[Object]:
    """The objects of one document; those of a `kind: List` one by one."""
    if not isinstance(value, dict):
        return
    items = value.get("items")
    if text(value.get("kind")).endswith("List") and isinstance(items, list):
        for index, item in enumerate(items):
            yield from _objects(path, document, item, (*at, "items", index))
    else:
        yield Object(path, document, at, value)
