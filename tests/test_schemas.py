"""The published schemas: valid, closed, explained, and saying no at the right place."""

import copy
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from jsonschema import Draft202012Validator

FOLDER = Path(__file__).parent.parent / "schemas"
KINDS = {
    "platform": "Platform",
    "teams": "Teams",
    "api": "Api",
    "release-request": "ReleaseRequest",
    "release-record": "ReleaseRecord",
    "release-outcome": "ReleaseOutcome",
    "rule-exceptions": "RuleExceptions",
}
TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.json"))}
SCHEMAS: dict[str, Any] = {name: json.loads(text) for name, text in TEXTS.items()}

# The meta-schema lets unknown keywords pass, so a misspelt one would check nothing.
KEYWORDS = {
    *("$schema", "$id", "$ref", "$defs", "title", "description", "examples", "default", "x-forbidden"),
    *("type", "const", "enum", "pattern", "format", "minLength", "maxLength", "minimum", "maximum"),
    *("required", "properties", "additionalProperties", "propertyNames", "minProperties"),
    *("items", "minItems", "uniqueItems", "allOf", "if", "then", "else"),
}
HOLDS_ONE = ("items", "propertyNames", "additionalProperties", "if", "then", "else")
HOLDS_NAMED = ("properties", "$defs")
CONDITIONAL = ("if", "then", "else")


class Sub(NamedTuple):
    """A schema inside a schema. A conditional one narrows the shape of the schema around it and declares none."""

    file: str
    where: str
    schema: dict[str, Any]
    conditional: bool


def walk(file: str, schema: dict[str, Any], where: str = "#", conditional: bool = False) -> Iterator[Sub]:
    yield Sub(file, where, schema, conditional)
    for key in HOLDS_ONE:
        if isinstance(schema.get(key), dict):
            yield from walk(file, schema[key], f"{where}/{key}", conditional or key in CONDITIONAL)
    for key in HOLDS_NAMED:
        for name, inner in schema.get(key, {}).items():
            yield from walk(file, inner, f"{where}/{key}/{name}", conditional)
    for index, inner in enumerate(schema.get("allOf", [])):
        yield from walk(file, inner, f"{where}/allOf/{index}", True)


SUBS = [sub for file, schema in SCHEMAS.items() for sub in walk(file, schema)]
SHAPES = [sub for sub in SUBS if "properties" in sub.schema and not sub.conditional]
PROPERTIES = [
    Sub(sub.file, f"{sub.where}/properties/{name}", prop, False)
    for sub in SHAPES
    for name, prop in sub.schema["properties"].items()
]


def name_of(value: object) -> str | None:
    return f"{value.file}{value.where}" if isinstance(value, Sub) else None


def problems(schema: dict[str, Any], document: object) -> set[str]:
    """Where the document breaks the schema, as slash-separated paths; the document itself is the empty path."""
    return {"/".join(map(str, e.absolute_path)) for e in Draft202012Validator(schema).iter_errors(document)}


def inside(sub: Sub) -> dict[str, Any]:
    """The inner schema as a document of its own, with the file's definitions."""
    return {**sub.schema, "$defs": SCHEMAS[sub.file]["$defs"]}


def test_there_is_one_schema_for_each_kind() -> None:
    assert {name: schema["properties"]["kind"]["const"] for name, schema in SCHEMAS.items()} == KINDS


@pytest.mark.parametrize("file", KINDS)
def test_schema_is_valid_and_names_itself(file: str) -> None:
    schema = SCHEMAS[file]
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"https://onboarding.example/schemas/v1/{file}.json"
    assert schema["title"]
    assert schema["properties"]["apiVersion"]["const"] == "onboarding/v1"
    assert {"apiVersion", "kind"} <= set(schema["required"])
    assert problems(schema, []) == {""}


@pytest.mark.parametrize("file", KINDS)
def test_file_is_written_the_one_way(file: str) -> None:
    assert TEXTS[file] == json.dumps(SCHEMAS[file], indent=2, ensure_ascii=False) + "\n"


def test_no_keyword_is_misspelt() -> None:
    assert {key for sub in SUBS for key in sub.schema} <= KEYWORDS


@pytest.mark.parametrize("sub", PROPERTIES, ids=name_of)
def test_property_is_explained(sub: Sub) -> None:
    assert sub.schema["title"]
    assert sub.schema["description"].endswith(".")
    assert sub.schema["examples"]
    wrong = [example for example in sub.schema["examples"] if problems(inside(sub), example)]
    assert wrong == []


@pytest.mark.parametrize("sub", [sub for sub in SUBS if "/$defs/" in sub.where], ids=name_of)
def test_definition_examples_hold(sub: Sub) -> None:
    assert [example for example in sub.schema.get("examples", []) if problems(inside(sub), example)] == []


@pytest.mark.parametrize("sub", [sub for sub in PROPERTIES if "default" in sub.schema], ids=name_of)
def test_default_is_a_legal_value_made_of_the_defaults_inside(sub: Sub) -> None:
    default = sub.schema["default"]
    assert problems(inside(sub), default) == set()
    inner = {key: prop["default"] for key, prop in sub.schema.get("properties", {}).items() if "default" in prop}
    assert isinstance(default, dict) or default is None or not inner
    if isinstance(default, dict):
        assert {**default, **inner} == default


@pytest.mark.parametrize("sub", SHAPES, ids=name_of)
def test_object_is_closed_and_requires_exactly_what_has_no_default(sub: Sub) -> None:
    assert sub.schema["additionalProperties"] is False
    required = set(sub.schema.get("required", []))
    with_default = {name for name, prop in sub.schema["properties"].items() if "default" in prop}
    optional = {"expected_current", "reason", "rollback_of"} if sub.file == "release-request" else set()
    assert required | with_default | optional == set(sub.schema["properties"])
    assert not required & (with_default | optional)


def test_maps_have_a_grammar_for_their_keys_and_values() -> None:
    maps = [sub for sub in SUBS if isinstance(sub.schema.get("additionalProperties"), dict)]
    assert {name_of(sub) for sub in maps if "propertyNames" not in sub.schema} == set()
    assert {sub.where.rpartition("/")[2] for sub in maps} == {
        *("clusters", "environments", "teams", "quota", "phase", "capabilities", "seconds"),
    }


def test_conditions_speak_only_of_declared_properties() -> None:
    conditions = [sub for sub in SUBS if sub.conditional and "properties" in sub.schema]
    assert {sub.file for sub in conditions} == {"release-record", "release-outcome"}
    for sub in conditions:
        assert set(sub.schema["properties"]) <= set(SCHEMAS[sub.file]["properties"]), sub.where


@pytest.mark.parametrize("file", KINDS)
def test_every_definition_is_used_and_every_reference_leads_to_one(file: str) -> None:
    used = {sub.schema["$ref"] for sub in SUBS if sub.file == file and "$ref" in sub.schema}
    assert used == {f"#/$defs/{name}" for name in SCHEMAS[file]["$defs"]}


def test_a_definition_says_the_same_in_every_file() -> None:
    first: dict[str, Any] = {}
    for file, schema in SCHEMAS.items():
        for name, definition in schema["$defs"].items():
            assert first.setdefault(name, definition) == definition, f"{file}: {name}"


def test_patterns_bind_the_whole_text() -> None:
    """Python's `$` also matches before a last newline, so a bare one would let `payments\\n` through."""
    loose = [sub for sub in SUBS if "pattern" in sub.schema and not sub.schema["pattern"].endswith(r"$(?!\n)")]
    assert loose == []
    assert all(sub.schema["pattern"].startswith("^") for sub in SUBS if "pattern" in sub.schema)


@pytest.mark.parametrize("file", KINDS)
def test_schema_has_a_complete_example(file: str) -> None:
    examples = SCHEMAS[file]["examples"]
    assert [problems(SCHEMAS[file], example) for example in examples] == [set()] * len(examples)
    assert {key for example in examples for key in example} == set(SCHEMAS[file]["properties"])


PLATFORM = """\
apiVersion: onboarding/v1
kind: Platform
tool: {version: "0.1.0"}
repository: https://github.com/acme/onboarding-config.git
argocd: {namespace: argocd, version: "3.5", refresh: false}
registries: [europe-docker.pkg.dev/acme]
images: {require: tag, forbidden_tags: [latest, main, master, dev]}
ownership_label: platform/api-name
kustomize: "5.8"
kubernetes: "1.36"
forbidden_namespaces: [kube-system, argocd, default]
components: []
ingress_from: [{namespace: ingress-nginx}]
quota: {requests.cpu: "4", requests.memory: 8Gi, pods: "40"}
bot: {login: acme-onboarding-bot, id: 4242}
clusters:
  gke-staging: {context: gke-staging}
  gke-prod: {context: gke-prod}
environments:
  staging:
    cluster: gke-staging
    sync: auto
    revision: refs/heads/main
    requests: latest-wins
    approval: {by: team, count: 1}
    release_timeout: 30m
    entry: {host: api.staging.platform.example, target: ingress-nginx, class: nginx}
  prod:
    cluster: gke-prod
    sync: auto
    requests: queue
    approval: {by: platform, count: 1}
    release_timeout: 30m
    entry: {host: api.platform.example, target: ingress-nginx, class: nginx}
capabilities:
  L0: []
  L1: [config]
  L2: [config, resources, autoscaling]
"""
TEAMS = """\
apiVersion: onboarding/v1
kind: Teams
platform: platform-team
teams:
  platform-team: {github: acme/platform, members: [{login: kim, id: 1}]}
  payments-team:
    github: acme/payments
    tenants: [customer-a]
    members: [{login: alice, id: 1001}]
"""
API = """\
apiVersion: onboarding/v1
kind: Api
api_name: payments
tenant: customer-a
team: payments-team
lifecycle: active
capability: L0
delivery: argocd
workloads:
  - deployment: payments
    containers:
      - {name: app, image: europe-docker.pkg.dev/acme/payments/app}
environments:
  staging: {namespace: payments-staging, manage: full}
  prod: {namespace: payments, manage: none}
routes:
  - prefix: /customer-a/payments
    service: payments
    port: 8080
    strip_prefix: true
    legacy_hosts: [payments.customer-a.com]
    legacy: generated
    phase: {staging: path, prod: dual}
"""
REQUEST = """\
apiVersion: onboarding/v1
kind: ReleaseRequest
api_name: payments
environment: prod
namespace: payments
deployment: payments
container: app
target_image: europe-docker.pkg.dev/acme/payments/app:v2.0.0
expected_current: europe-docker.pkg.dev/acme/payments/app:v1.9.3
reason: "CHG-1234: new settlement rules"
"""
MINIMAL_PLATFORM = """\
apiVersion: onboarding/v1
kind: Platform
tool: {version: "0.1.0"}
repository: git@github.com:acme/onboarding-config.git
clusters: {only: {context: kind-only}}
environments: {prod: {cluster: only, entry: {host: api.example.com, target: gce, class: gce}}}
"""
MINIMAL_API = """\
apiVersion: onboarding/v1
kind: Api
api_name: worker
tenant: customer-a
team: payments-team
workloads: [{deployment: 2worker, containers: [{name: app, image: "localhost:5000/worker"}]}]
environments: {prod: {namespace: worker}}
routes: []
"""
BASES: dict[str, Any] = {
    "platform": yaml.safe_load(PLATFORM),
    "teams": yaml.safe_load(TEAMS),
    "api": yaml.safe_load(API),
    "release-request": yaml.safe_load(REQUEST),
    "release-record": SCHEMAS["release-record"]["examples"][0],
    "refusal": SCHEMAS["release-record"]["examples"][1],
    "supersession": SCHEMAS["release-record"]["examples"][2],
    "release-outcome": SCHEMAS["release-outcome"]["examples"][0],
    "rule-exceptions": SCHEMAS["rule-exceptions"]["examples"][0],
}
SCHEMA_OF = {base: next(file for file, kind in KINDS.items() if kind == BASES[base]["kind"]) for base in BASES}


@pytest.mark.parametrize("text", [PLATFORM, TEAMS, API, REQUEST, MINIMAL_PLATFORM, MINIMAL_API])
def test_documents_of_the_design_are_valid(text: str) -> None:
    document = yaml.safe_load(text)
    schema = next(s for s in SCHEMAS.values() if s["properties"]["kind"]["const"] == document["kind"])
    assert problems(schema, document) == set()


GONE = object()
# Any text, several lines too: whoever prints it escapes it.
FREE_TEXT = {("release-record", "name"), ("release-record", "reason"), ("release-outcome", "message")}
REPO = "europe-docker.pkg.dev/acme/payments/app"
HEX = "0123456789abcdef" * 4


def with_change(document: Any, path: str, value: object) -> Any:
    """A copy of the document with one place set to another value, or left out."""
    *parents, last = [int(part) if part.isdigit() else part for part in path.split("/")]
    result = copy.deepcopy(document)
    place = result
    for part in parents:
        place = place[part]
    if value is GONE:
        del place[last]
    else:
        place[last] = value
    return result


def changed(base: str, path: str, value: object) -> Any:
    return with_change(BASES[base], path, value)


def places(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every place below a document, with what stands there. A record's request is as its author wrote it."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield f"{path}{key}", inner
        if f"{path}{key}" != "request":
            yield from places(inner, f"{path}{key}/")


def nonsense(file: str, path: str, value: Any) -> Iterator[object]:
    """Values that no schema may take where this value stands."""
    yield "x" if isinstance(value, int | float) else 1.5
    if isinstance(value, dict) and path != "request":
        yield {**value, "No Such!": next(iter(value.values()))}
    if isinstance(value, list) and value:
        yield [*value, value[0]]
    if isinstance(value, str) and (file, path.rpartition("/")[2]) not in FREE_TEXT:
        yield value + "\n"


@pytest.mark.parametrize("file", KINDS)
def test_every_place_refuses_another_type_a_stranger_a_repetition_and_a_second_line(file: str) -> None:
    taken = [
        (path, wrong)
        for example in SCHEMAS[file]["examples"]
        for path, value in places(example)
        for wrong in nonsense(file, path, value)
        if path not in problems(SCHEMAS[file], with_change(example, path, wrong))
    ]
    assert taken == []


# document, where it is changed, to what
GOOD = [
    ("platform", "bot", None),
    ("platform", "bot", {"login": "acme-onboarding[bot]"}),
    ("platform", "argocd", {"refresh": True}),
    ("platform", "repository", "file:///srv/git/config.git"),
    ("platform", "registries", ["docker.io/library", "registry:5000", "localhost"]),
    ("platform", "quota", {"limits.nvidia.com/gpu": "2", "requests.storage": "1.5Ti", "count/jobs.batch": "0"}),
    ("platform", "quota", {"hugepages-2Mi": "1Gi", "services.nodeports": "0", "limits.ephemeral-storage": "500m"}),
    ("platform", "environments/prod/approval", {"by": "none", "count": 0}),
    ("platform", "environments/prod/revision", "refs/tags/customer-a-v1.2.0"),
    ("platform", "environments/prod/entry/class", "gateways/shared"),
    ("teams", "teams/payments-team", {}),
    ("teams", "teams/payments-team/github", None),
    ("teams", "teams/payments-team/members/0/id", None),
    ("api", "lifecycle", "removed"),
    ("api", "routes", []),
    ("api", "workloads/0/deployment", "a" * 63),
    ("api", "workloads/0/containers/0/image", "redis"),
    ("api", "api_name", "a" * 40),
    ("release-request", "expected_current", GONE),
    ("release-request", "reason", "x" * 500),
    ("release-request", "rollback_of", HEX[:16]),
    ("release-request", "target_image", f"{REPO}@sha256:{HEX}"),
    ("release-request", "target_image", f"registry:5000/app:v1@sha256:{HEX}"),
    ("release-record", "base_commit", HEX),
    ("release-record", "decided_at", "2026-11-20T16:40:02.123456Z"),
    ("release-record", "approved_by", []),
    ("refusal", "request", {"any": ["mapping"]}),
    ("refusal", "requested_by", None),
    ("release-outcome", "seconds", {}),
    ("rule-exceptions", "exceptions", []),
]


@pytest.mark.parametrize(("base", "path", "value"), GOOD)
def test_good_document_passes(base: str, path: str, value: object) -> None:
    assert problems(SCHEMAS[SCHEMA_OF[base]], changed(base, path, value)) == set()


# document, where it is changed, to what, where the error stands
BAD = [
    ("platform", "apiVersion", "onboarding/v2", "apiVersion"),
    ("platform", "kind", "Teams", "kind"),
    ("platform", "colour", "blue", ""),
    ("platform", "tool", GONE, ""),
    ("platform", "tool/version", "1.0", "tool/version"),
    ("platform", "repository", "https://user:secret@github.com/acme/config.git", "repository"),
    ("platform", "repository", "--upload-pack=x", "repository"),
    ("platform", "repository", "file:///" + "a" * 500, "repository"),
    ("platform", "registries/0", "localhost/" + "a" * 250, "registries/0"),
    ("platform", "ownership_label", f"{'a.' * 130}b/c".replace("a", "a" * 3), "ownership_label"),
    ("platform", "argocd/version", 3.5, "argocd/version"),
    ("platform", "registries/0", "acme", "registries/0"),
    ("platform", "registries/0", "https://europe-docker.pkg.dev/acme", "registries/0"),
    ("platform", "images/require", "any", "images/require"),
    ("platform", "kubernetes", "v1.36", "kubernetes"),
    ("platform", "forbidden_namespaces", ["default", "default"], "forbidden_namespaces"),
    ("platform", "components", ["../x"], "components/0"),
    ("platform", "quota/pods", 40, "quota/pods"),
    ("platform", "quota/requests.memory", "8 GiB", "quota/requests.memory"),
    ("platform", "quota", {"pods!": "4"}, "quota"),
    ("platform", "quota", {"foo": "4"}, "quota"),
    ("platform", "quota", {"requests.pods": "4"}, "quota"),
    ("platform", "quota", {f"{'a.' * 127}a/x": "4"}, "quota"),
    ("platform", "quota/pods", "4" * 41, "quota/pods"),
    ("platform", "bot/id", "4242", "bot/id"),
    ("platform", "bot/id", 0, "bot/id"),
    ("platform", "clusters", {}, "clusters"),
    ("platform", "clusters/GKE", {"context": "x"}, "clusters"),
    ("platform", "clusters/gke-prod/context", "--kubeconfig=x", "clusters/gke-prod/context"),
    ("platform", "clusters/gke-prod/context", "a" * 254, "clusters/gke-prod/context"),
    ("platform", "environments", {}, "environments"),
    ("platform", "environments/prod/cluster", GONE, "environments/prod"),
    ("platform", "environments/prod/replicas", 3, "environments/prod"),
    ("platform", "environments/prod/sync", "sometimes", "environments/prod/sync"),
    ("platform", "environments/prod/revision", "main", "environments/prod/revision"),
    ("platform", "environments/prod/revision", "refs/heads/../x", "environments/prod/revision"),
    ("platform", "environments/prod/revision", "refs/heads/" + "a" * 190, "environments/prod/revision"),
    ("platform", "environments/prod/requests", "latest", "environments/prod/requests"),
    ("platform", "environments/prod/approval", {"count": 1}, "environments/prod/approval"),
    ("platform", "environments/prod/approval/count", -1, "environments/prod/approval/count"),
    ("platform", "environments/prod/release_timeout", "0m", "environments/prod/release_timeout"),
    ("platform", "environments/prod/release_timeout", 30, "environments/prod/release_timeout"),
    ("platform", "environments/prod/release_timeout", "1" * 8 + "m", "environments/prod/release_timeout"),
    ("platform", "environments/prod/entry/host", "a." * 126 + "bc", "environments/prod/entry/host"),
    ("platform", "environments/prod/entry/host", "localhost", "environments/prod/entry/host"),
    ("platform", "environments/prod/entry/host", "api.example.com:443", "environments/prod/entry/host"),
    ("platform", "environments/prod/entry/host", "10.0.0.1", "environments/prod/entry/host"),
    ("platform", "environments/prod/entry/class", "a." * 126 + "bc", "environments/prod/entry/class"),
    ("platform", "environments/prod/entry/target", "nginx", "environments/prod/entry/target"),
    ("platform", "capabilities/L10", [], "capabilities"),
    ("platform", "capabilities/L1", ["images"], "capabilities/L1/0"),
    ("teams", "platform", GONE, ""),
    ("teams", "teams", {}, "teams"),
    ("teams", "teams/Payments", {}, "teams"),
    ("teams", "teams/payments-team/github", "payments", "teams/payments-team/github"),
    ("teams", "teams/payments-team/github", "@acme/payments", "teams/payments-team/github"),
    ("teams", "teams/payments-team/tenants", "customer-a", "teams/payments-team/tenants"),
    ("teams", "teams/payments-team/members/0", "alice", "teams/payments-team/members/0"),
    ("teams", "teams/payments-team/members/0/login", "@alice", "teams/payments-team/members/0/login"),
    ("teams", "teams/payments-team/members/0/id", 0, "teams/payments-team/members/0/id"),
    ("teams", "teams/payments-team/members/0/id", True, "teams/payments-team/members/0/id"),
    ("api", "api_name", "payments\n", "api_name"),
    ("api", "api_name", "../../platform", "api_name"),
    ("api", "api_name", "a" * 41, "api_name"),
    ("api", "tenant", "customer-a-", "tenant"),
    ("api", "team", GONE, ""),
    ("api", "lifecycle", "retired", "lifecycle"),
    ("api", "capability", "0", "capability"),
    ("api", "delivery", "flux", "delivery"),
    ("api", "workloads", [], "workloads"),
    ("api", "workloads/0/deployment", "pay.ments", "workloads/0/deployment"),
    ("api", "workloads/0/containers", [], "workloads/0/containers"),
    ("api", "workloads/0/containers/0/image", f"{REPO}:v1", "workloads/0/containers/0/image"),
    ("api", "workloads/0/containers/0/image", f"{REPO}@sha256:{HEX}", "workloads/0/containers/0/image"),
    ("api", "workloads/0/containers/0/image", REPO.upper(), "workloads/0/containers/0/image"),
    ("api", "workloads/0/containers/0/image", "a" * 256, "workloads/0/containers/0/image"),
    ("api", "environments", {}, "environments"),
    ("api", "environments/prod/namespace", "a" * 64, "environments/prod/namespace"),
    ("api", "environments/prod/manage", "some", "environments/prod/manage"),
    ("api", "routes", GONE, ""),
    ("api", "routes/0/phase", GONE, "routes/0"),
    ("api", "routes/0/prefix", "/customer-a/", "routes/0/prefix"),
    ("api", "routes/0/prefix", "/a(/|$)(.*)", "routes/0/prefix"),
    ("api", "routes/0/prefix", "/" + "a" * 200, "routes/0/prefix"),
    ("api", "routes/0/port", 0, "routes/0/port"),
    ("api", "routes/0/port", 65536, "routes/0/port"),
    ("api", "routes/0/port", "http", "routes/0/port"),
    ("api", "routes/0/strip_prefix", "yes", "routes/0/strip_prefix"),
    ("api", "routes/0/legacy_hosts/0", "*.customer-a.com", "routes/0/legacy_hosts/0"),
    ("api", "routes/0/legacy_hosts/0", "Payments.customer-a.com", "routes/0/legacy_hosts/0"),
    ("api", "routes/0/legacy", "live", "routes/0/legacy"),
    ("api", "routes/0/phase", {}, "routes/0/phase"),
    ("api", "routes/0/phase/prod", "redirect", "routes/0/phase/prod"),
    ("release-request", "environment", GONE, ""),
    ("release-request", "environment", ["prod", "staging"], "environment"),
    ("release-request", "namespace", "*", "namespace"),
    ("release-request", "deployment", None, "deployment"),
    ("release-request", "target_image", REPO, "target_image"),
    ("release-request", "target_image", "a" * 460 + ":v2", "target_image"),
    ("release-request", "target_image", f"{REPO}:", "target_image"),
    ("release-request", "target_image", f"{REPO}:v2\n", "target_image"),
    ("release-request", "target_image", f"{REPO}@sha256:abc", "target_image"),
    ("release-request", "target_image", f"https://{REPO}:v2", "target_image"),
    ("release-request", "expected_current", "v1.9.3", "expected_current"),
    ("release-request", "reason", "x" * 501, "reason"),
    ("release-request", "reason", "fine\nApproved-by: kim", "reason"),
    ("release-request", "rollback_of", HEX[:15], "rollback_of"),
    ("release-record", "id", HEX.upper(), "id"),
    ("refusal", "seq", 0, "seq"),
    ("refusal", "seq", "000002", "seq"),
    ("release-record", "seq", 2, "previous"),
    ("release-record", "previous", HEX, "previous"),
    ("release-record", "decision", "rejected", "decision"),
    ("release-record", "decision", GONE, ""),
    ("release-record", "reason", GONE, ""),
    ("release-record", "reason", "", "reason"),
    ("release-record", "request", None, "request"),
    ("release-record", "request", {"api_name": "payments"}, "request"),
    ("release-record", "request_path", "apps/payments/base/deployment.yaml", "request_path"),
    ("release-record", "request_path", "apps/payments/requests/prod/" + "a" * 400, "request_path"),
    ("release-record", "slot", None, "slot"),
    ("release-record", "slot", [], "slot"),
    ("release-record", "slot/0/container", GONE, "slot/0"),
    ("release-record", "old_image", None, "old_image"),
    ("release-record", "old_image", "a" * 460 + ":v1", "old_image"),
    ("release-record", "new_image", None, "new_image"),
    ("release-record", "new_image", REPO, "new_image"),
    ("release-record", "new_image", "a" * 460 + ":v2", "new_image"),
    ("release-record", "requested_by", None, "requested_by"),
    ("release-record", "requested_by/email", "alice@example.com", "requested_by"),
    ("release-record", "requested_by/name", "", "requested_by/name"),
    ("release-record", "requested_by/id", 0, "requested_by/id"),
    ("release-record", "approved_by", None, "approved_by"),
    ("release-record", "approved_by/0", None, "approved_by/0"),
    ("release-record", "approved_by/0/source", "mail", "approved_by/0/source"),
    ("release-record", "actor", None, "actor"),
    ("release-record", "pipeline", "javascript:alert(1)", "pipeline"),
    ("release-record", "pipeline", "https://ci.example/" + "a" * 2000, "pipeline"),
    ("release-record", "decided_at", "2026-11-20T16:40:02+01:00", "decided_at"),
    ("release-record", "base_commit", HEX[:7], "base_commit"),
    ("release-record", "tool_version", "latest", "tool_version"),
    ("refusal", "reason", None, "reason"),
    ("refusal", "request", "text", "request"),
    ("refusal", "previous", None, "previous"),
    ("refusal", "seq", GONE, ""),
    ("refusal", "decision", GONE, ""),
    ("supersession", "decision", GONE, ""),
    ("supersession", "reason", None, "reason"),
    ("supersession", "request", None, "request"),
    ("release-outcome", "id", HEX[:16], "id"),
    ("release-outcome", "seq", 1000000, "seq"),
    ("release-outcome", "result", "ok", "result"),
    ("release-outcome", "result", "failed", "message"),
    ("release-outcome", "result", GONE, ""),
    ("release-outcome", "seconds/synced", -1, "seconds/synced"),
    ("release-outcome", "seconds", {"Two words": 1}, "seconds"),
    ("release-outcome", "message", "", "message"),
    ("release-outcome", "finished_at", "2026-11-20 16:40:55", "finished_at"),
    ("release-outcome", "finished_at", GONE, ""),
    ("rule-exceptions", "exceptions", {}, "exceptions"),
    ("rule-exceptions", "exceptions/0/rule", "ImageTagMissing", "exceptions/0/rule"),
    ("rule-exceptions", "exceptions/0/path", "apps/**", "exceptions/0/path"),
    ("rule-exceptions", "exceptions/0/path", "apps/../teams.yaml", "exceptions/0/path"),
    ("rule-exceptions", "exceptions/0/path", "/teams.yaml", "exceptions/0/path"),
    ("rule-exceptions", "exceptions/0/rule", "a" * 81, "exceptions/0/rule"),
    ("rule-exceptions", "exceptions/0/path", "a" * 401, "exceptions/0/path"),
    ("rule-exceptions", "exceptions/0/reason", "x" * 501, "exceptions/0/reason"),
    ("rule-exceptions", "exceptions/0/reason", "", "exceptions/0/reason"),
    ("rule-exceptions", "exceptions/0/owner", GONE, "exceptions/0"),
    ("rule-exceptions", "exceptions/0/expiry", "2027-13-01", "exceptions/0/expiry"),
    ("rule-exceptions", "exceptions/0/expiry", "never", "exceptions/0/expiry"),
]


@pytest.mark.parametrize(("base", "path", "value", "at"), BAD)
def test_bad_document_fails_where_it_is_bad(base: str, path: str, value: object, at: str) -> None:
    assert problems(SCHEMAS[SCHEMA_OF[base]], changed(base, path, value)) == {at}


def test_every_schema_refuses_something() -> None:
    rows = Counter(SCHEMA_OF[base] for base, *_ in BAD)
    assert {file for file in KINDS if rows[file] < 4} == set()


FORBIDDEN = SCHEMAS["release-request"]["x-forbidden"]


def test_the_fields_that_are_the_platforms_have_a_sentence_each() -> None:
    assert {"replicas", "resources", "env", "command", "strategy"} <= set(FORBIDDEN)
    assert len({FORBIDDEN[field] for field in ("replicas", "resources", "env", "command", "strategy")}) == 5


@pytest.mark.parametrize("field", FORBIDDEN)
def test_forbidden_field_is_refused_and_explained(field: str) -> None:
    assert field not in SCHEMAS["release-request"]["properties"]
    assert problems(SCHEMAS["release-request"], changed("release-request", field, "x")) == {""}
    assert FORBIDDEN[field].endswith(".")
