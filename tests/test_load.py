"""Everything that can be read is read, whatever else is broken; and it never raises."""

import hashlib
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onboarding_tool import resources
from onboarding_tool.findings import Who
from onboarding_tool.load import Depth, load, request_id, seconds
from onboarding_tool.model import (
    Api,
    Container,
    Entry,
    Environment,
    Lifecycle,
    Member,
    Object,
    Phase,
    Placement,
    Platform,
    Route,
    RuleException,
    Team,
    Workload,
)
from onboarding_tool.tree import SYMLINK, File, Tree, tree_of
from tests.support.broken import PATHS, RECORD, broken_file, broken_trees, everything
from tests.support.repos import REQUEST, REQUEST_PATH, edited, good, loaded, places, repo_of

METADATA = "apps/payments/metadata.yaml"
BASE = "apps/payments/base/kustomization.yaml"
DEPLOYMENT = "apps/payments/base/deployment.yaml"
SERVICE = "apps/payments/base/service.yaml"
APP = "europe-docker.pkg.dev/acme/payments/app"


def api(files: dict[str, str]) -> Api:
    return repo_of(files).apis["payments"]


# What a good repo becomes


def test_nothing_is_wrong_with_a_repo_of_every_kind_of_file():
    assert loaded(everything()) == []


def test_platform():
    platform = repo_of(good()).platform
    assert platform.read
    assert platform.clusters == {"gke-staging": "gke-staging", "gke-prod": "gke-prod"}
    assert platform.environments["prod"] == Environment(
        "prod", "gke-prod", Entry("api.platform.example", "ingress-nginx", "nginx"), requests="queue"
    )
    assert platform.environments["staging"].approval_by == "team"


def test_what_platform_yaml_leaves_out_is_what_its_schema_says():
    schema = json.loads(resources.schema_text("platform"))
    said = {key: about["default"] for key, about in schema["properties"].items() if "default" in about}
    platform = repo_of(good()).platform
    assert said["argocd"] == {
        "namespace": platform.argocd_namespace,
        "version": platform.argocd_version,
        "refresh": platform.argocd_refresh,
    }
    assert said["images"] == {"require": platform.require, "forbidden_tags": list(platform.forbidden_tags)}
    assert said["capabilities"] == {name: list(what) for name, what in platform.capabilities.items()}
    assert said["ingress_from"] == [{"namespace": name} for name in platform.ingress_from]
    for key in ("ownership_label", "kustomize", "kubernetes", "quota"):
        assert said[key] == getattr(platform, key)
    for key in ("components", "forbidden_namespaces"):
        assert said[key] == list(getattr(platform, key))
    environment = schema["$defs"]["environment"]["properties"]
    prod = platform.environments["prod"]
    assert (environment["sync"]["default"], environment["revision"]["default"]) == (prod.sync, prod.revision)
    assert seconds(environment["release_timeout"]["default"]) == prod.release_timeout


def test_teams():
    repo = repo_of(good())
    assert repo.platform_team == "platform-team"
    alice = Member("alice", 1001)
    assert repo.teams["payments-team"] == Team("payments-team", "acme/payments", ("customer-a",), (alice,))


def test_api():
    found = api(good())
    assert found.lifecycle is Lifecycle.ACTIVE
    assert found.workloads == (Workload("payments", (Container("app", APP),)),)
    assert found.environments == {
        "staging": Placement("payments-staging", "full"),
        "prod": Placement("payments", "none"),
    }
    phases = {"staging": Phase.PATH, "prod": Phase.DUAL}
    hosts = ("payments.customer-a.com",)
    assert found.routes == (Route("/customer-a/payments", "payments", 8080, True, hosts, "generated", phases),)


def test_base_and_overlays():
    found = api(good())
    assert found.base is not None
    assert [item.kind for item in found.base.objects] == ["Deployment", "Service", "HorizontalPodAutoscaler"]
    assert list(found.overlays) == ["prod", "staging"]
    assert found.overlays["prod"].value["namespace"] == "payments"


def test_exceptions():
    path = "apps/payments/overlays/prod/kustomization.yaml"
    assert repo_of(everything()).exceptions == (
        RuleException("image-tag-missing", path, "The vendor ships no tags.", "platform-team", "2027-01-31"),
    )


def test_request():
    found = api(good() | {REQUEST_PATH: REQUEST}).requests[0]
    assert (found.api, found.environment, found.valid) == ("payments", "prod", True)
    assert found.get("target_image") == f"{APP}:v2.0.0"
    assert found.sha256 == hashlib.sha256(REQUEST.encode()).hexdigest()
    assert found.id == hashlib.sha256(REQUEST_PATH.encode() + b"\0" + REQUEST.encode()).hexdigest()


def test_the_id_is_of_path_and_bytes():
    assert len({request_id(path, data) for path in ("a", "b") for data in (b"", b"x")}) == 4
    assert request_id("a\udcff", b"") != request_id("a", b"")  # a name that is no UTF-8


def test_records_are_in_the_order_of_their_numbers():
    files = everything()
    record = files["apps/payments/releases/prod/000001-0123456789abcdef.yaml"]
    for number in (3, 2):
        files[f"apps/payments/releases/prod/{number:06}-{number:016}.yaml"] = record.replace("seq: 1", f"seq: {number}")
    files["apps/payments/releases/staging/000009-0123456789abcdef.yaml"] = record
    assert [found.seq for found in api(files).records_in("prod")] == [1, 2, 3]
    assert [found.sha256 for found in api(files).records_in("staging")] == [hashlib.sha256(record.encode()).hexdigest()]


# Which objects belong to a kustomization


def test_a_file_that_is_not_listed_gives_no_objects():
    found = api(edited(BASE, "  - hpa.yaml\n", "")).base
    assert found is not None
    assert [item.kind for item in found.objects] == ["Deployment", "Service"]


def test_a_list_is_taken_apart():
    items = "apiVersion: v1\nkind: List\nitems:\n  - kind: A\n  - kind: ServiceList\n    items: [{kind: B}, 1]\n  - x\n"
    found = api(good() | {SERVICE: f"kind: First\n---\n{items}"}).base
    assert found is not None
    assert [(item.kind, item.document, item.at) for item in found.objects if item.path == SERVICE] == [
        ("First", 0, ()),
        ("A", 1, ("items", 0)),
        ("B", 1, ("items", 1, "items", 0)),
    ]


@pytest.mark.parametrize(
    "resource", ["../../../orders/base/service.yaml", "../base/service.yaml", "nothing.yaml", "/etc/passwd", "", "."]
)
def test_nothing_is_read_outside_of_the_folder(resource):
    found = api(edited(BASE, "service.yaml", resource, everything())).base
    assert found is not None
    assert {item.path for item in found.objects} == {DEPLOYMENT, "apps/payments/base/hpa.yaml"}


def test_a_path_may_begin_with_a_dot_and_a_slash():
    found = api(edited(BASE, "service.yaml", "./service.yaml")).base
    assert found is not None
    assert SERVICE in {item.path for item in found.objects}


def test_a_link_is_not_read():
    files = {path: File(text.encode()) for path, text in good().items()}
    files[SERVICE] = File(b"deployment.yaml", SYMLINK)
    files[METADATA] = File(b"../../etc/passwd: {", SYMLINK)
    repo, found = load(Tree(files))
    assert found == []  # path-mode-forbidden is a rule
    assert repo.apis["payments"].base is not None
    assert len(repo.apis["payments"].base.objects) == 2
    assert repo.apis["payments"].tenant == ""


# What is broken


def test_an_empty_tree_misses_its_two_files():
    repo, found = load(tree_of({}))
    assert [finding.path for finding in found] == ["platform.yaml", "teams.yaml"]
    assert (repo.platform.read, repo.apis, repo.teams, repo.sound) == (False, {}, {}, False)


@pytest.mark.parametrize(
    ("path", "sound"),
    [
        ("platform.yaml", False),
        ("teams.yaml", False),
        (METADATA, False),
        ("exceptions.yaml", True),
        (REQUEST_PATH, True),
        ("apps/payments/requests/prod/metadata.yaml", True),
        (DEPLOYMENT, True),
        ("apps/payments/releases/prod/000001-0123456789abcdef.yaml", True),
    ],
)
def test_soundness_is_that_of_the_declarations(path, sound):
    repo, found = load(tree_of(everything() | {path: "a: ["}))
    assert [finding.path for finding in found] == [path]
    assert repo.sound is sound


def test_a_broken_request_stays_a_request():
    found = api(good() | {REQUEST_PATH: "a: ["}).requests[0]
    assert (found.value, found.valid, found.get("api_name")) == (None, False, "")
    assert api(good() | {REQUEST_PATH: REQUEST + "replicas: 3\n"}).requests[0].get("api_name") == "payments"


def test_what_is_wrong_with_a_request_is_its_teams():
    found = loaded(good() | {REQUEST_PATH: REQUEST + "replicas: 3\nlife: &a 1\n"})
    assert {finding.who for finding in found} == {Who.APP_TEAM}


@pytest.mark.parametrize("text", ["", "# nothing\n", "just text\n", "[1, 2]\n", "null\n"])
@pytest.mark.parametrize("path", ["platform.yaml", "teams.yaml", METADATA, BASE, "exceptions.yaml"])
def test_a_file_that_is_no_mapping_is_a_finding(path, text):
    found = loaded(everything() | {path: text})
    assert {finding.path for finding in found} >= {path}
    assert {finding.rule for finding in found} == {"schema-invalid"}


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (METADATA, "team: payments-team\n", ""),
        (METADATA, "api_name: payments\n", "api_name: [payments]\n"),
        (METADATA, "kind: Api", "kind: API"),
        (METADATA, "capability: L0", "capability: {a: b}"),
        (METADATA, "lifecycle: active", "lifecycle: live"),
        (METADATA, "port: 8080\n", 'port: "8080"\n'),
        (METADATA, "    port: 8080\n", ""),
        (METADATA, "manage: none", "manage: half"),
        (METADATA, "phase: {staging: path, prod: dual}", "phase: {staging: path, prod: both}"),
        (METADATA, "{name: app, image:", "{name: app, colour: red, image:"),
        ("platform.yaml", "repository: https://git.example/acme/onboarding-config.git\n", ""),
        ("platform.yaml", 'tool: {version: "0.1.0"}\n', ""),
        ("platform.yaml", "    cluster: gke-prod\n", ""),
        ("platform.yaml", "requests: queue", "requests: stack"),
        ("platform.yaml", "[europe-docker.pkg.dev/acme]", "[europe-docker.pkg.dev/acme, europe-docker.pkg.dev/acme]"),
        ("platform.yaml", "[europe-docker.pkg.dev/acme]", "[europe-docker.pkg.dev/acme, UPPER, UPPER, ' ']"),
        ("teams.yaml", "platform: platform-team\n", ""),
        ("teams.yaml", "github: acme/payments\n", "github: 7\n"),
        ("teams.yaml", "{login: alice, id: 1001}", "{id: 1001}"),
    ],
)
def test_one_wrong_field_hides_nothing_else(path, old, new):
    """Beside the wrong field, everything is as it was: whom it concerns finds nothing missing but that."""
    before, after = repo_of(good()), repo_of(edited(path, old, new))
    assert {finding.path for finding in loaded(edited(path, old, new))} == {path}
    assert after.platform.read
    assert after.platform.registries == before.platform.registries
    assert list(after.platform.environments) == list(before.platform.environments)
    assert list(after.teams) == list(before.teams)
    found, expected = after.apis["payments"], before.apis["payments"]
    assert found.tenant == expected.tenant
    assert [one.deployment for one in found.workloads] == [one.deployment for one in expected.workloads]
    assert [one.containers for one in found.workloads] == [one.containers for one in expected.workloads]
    assert {env: there.namespace for env, there in found.environments.items()} == {
        env: there.namespace for env, there in expected.environments.items()
    }
    assert [route.prefix for route in found.routes] == [route.prefix for route in expected.routes]
    assert found.routes[0].phase["staging"] is Phase.PATH
    assert (found.base, found.overlays) == (expected.base, expected.overlays)


def test_of_a_list_only_the_wrong_items_go():
    """Two faults in one item must not cost the next one, too."""
    containers = "{}, {name: a, image: x/a}, {name: B, image: x/B}, {name: b, image: x/b}"
    found = api(edited(METADATA, f"containers:\n      - {{name: app, image: {APP}}}", f"containers: [{containers}]"))
    assert found.workloads[0].containers == (
        Container("", ""),
        Container("a", "x/a"),
        Container("", ""),
        Container("b", "x/b"),
    )
    long = "x" * 300
    registries = f"[UPPER, a.io, '{long} ', b.io, 'a b']"
    repo = repo_of(edited("platform.yaml", "[europe-docker.pkg.dev/acme]", registries))
    assert repo.platform.registries == ("a.io", "b.io")


def test_what_is_missing_is_found_where_it_belongs():
    found = loaded(edited(METADATA, "prod: {namespace: payments, manage: none}", "prod: {manage: none}"))
    assert places(found) == [(METADATA, 16, 9)]


def broken_everywhere() -> dict[str, str]:
    """Every file that is read, with a syntax error behind what it says."""
    files = everything()
    return files | {path: text + "\n]\n" for path, text in files.items() if path.endswith(".yaml")}


def test_every_broken_file_is_found_at_once():
    files = broken_everywhere()
    listed = {path: text for path, text in everything().items() if path.endswith("kustomization.yaml")}
    read = {path for path in files if path.endswith(".yaml") and "/overlays/prod/patch" not in path}
    read -= {path for path in files if path.startswith(("components/", "generated/"))} | set(listed)
    assert {finding.path for finding in loaded(files | listed)} == read
    assert {finding.path for finding in loaded(files)} >= {path for path in listed if path.startswith("apps/")}


# Whatever happens


@settings(max_examples=40)
@given(broken_trees())
def test_never_raises(tree):
    repo, found = load(tree)
    assert found == sorted(found)
    assert set(repo.apis) == set(tree.folders("apps"))
    assert all(finding.line > 0 and finding.column > 0 for finding in found)


@settings(max_examples=40)
@given(st.dictionaries(st.text(max_size=20) | st.sampled_from(PATHS), st.binary(max_size=40)))
def test_never_raises_on_anything(files):
    load(tree_of(files))


@settings(max_examples=30)
@given(
    broken_file().filter(lambda broken: broken[0].startswith("apps/payments/")),
    broken_file().filter(lambda broken: not broken[0].startswith("apps/payments/")),
)
def test_a_broken_file_hides_nothing_of_another(mine, other):
    def judged(*broken: tuple[str, File | None]) -> tuple[Api | None, list[object], list[object]]:
        files = {path: File(text.encode()) for path, text in everything().items()} | dict(broken)
        tree = Tree({path: file for path, file in files.items() if file is not None})
        repo, found = load(tree)
        ours = [finding for finding in found if finding.path.startswith("apps/payments/")]
        return repo.apis.get("payments"), ours, [finding for finding in found if finding not in ours]

    both = judged(mine, other)
    assert both[:2] == judged(mine)[:2]
    assert both[2] == judged(other)[2]


@settings(max_examples=40)
@given(broken_trees())
def test_one_api_alone_is_as_it_is_among_all(tree):
    full, everything_found = load(tree)
    for name in full.apis:
        repo, found = load(tree, [name])
        assert repo.apis == {name: full.apis[name]}
        assert (repo.platform, repo.teams, repo.exceptions) == (full.platform, full.teams, full.exceptions)
        others = [f for f in everything_found if f.path.startswith("apps/") and not f.path.startswith(f"apps/{name}/")]
        assert found == [finding for finding in everything_found if finding not in others]


@settings(max_examples=40)
@given(broken_trees())
def test_metadata_alone_is_as_it_is_among_all(tree):
    full, everything_found = load(tree)
    repo, found = load(tree, depth=Depth.METADATA)
    bare = {"base": None, "overlays": {}, "requests": (), "records": ()}
    assert repo.apis == {name: replace(one, **bare) for name, one in full.apis.items()}
    assert (repo.platform, repo.sound) == (full.platform, full.sound)
    assert set(found) <= set(everything_found)
    assert all("/" not in finding.path or finding.path.endswith("/metadata.yaml") for finding in found)


SPELLED = """\
apiVersion: apps/v1
kind: "Deploy\\x6dent"
metadata:
  name: spelled
"""


def test_for_what_runs_only_manifests_that_may_hold_a_deployment_are_read():
    listed = edited(BASE, "- service.yaml", "- service.yaml\n  - spelled.yaml")
    files = listed | {"apps/payments/base/service.yaml": "a: [\n", "apps/payments/base/spelled.yaml": SPELLED}
    repo, found = load(tree_of(files), depth=Depth.RUNNING)
    assert not found
    kinds = [item.kind for item in repo.apis["payments"].base.objects]
    assert kinds == ["Deployment", "Deployment"]  # and no autoscaler, which names one
    assert [finding.path for finding in load(tree_of(files))[1]] == ["apps/payments/base/service.yaml"]


SCALED = "spec: {scaleTargetRef: {kind: Deployment, name: payments}}\n"


@pytest.mark.parametrize(
    ("text", "is_read"),
    [
        (f"# It scales.\n\napiVersion: v2\nkind: HorizontalPodAutoscaler\nmetrics:\n- type: x\n{SCALED}", False),
        ("kind: HorizontalPodAutoscaler\nspec:\n  kind: Deployment", False),
        ("apiVersion: v1\nkind: Deployment\n", True),
        (f"kind: Autoscaler\n{SCALED}kind: Deployment\n", True),  # twice, and a finding
        (f"kind: Autoscaler\n{SCALED}---\nkind: Deployment\n", True),
        ("kind: Autoscaler\n--- {kind: Deployment}\n", True),
        (f"{SCALED}kind:\n  Deployment\n", True),
        (f'{SCALED}"kind": Deployment\n', True),
        (f"{SCALED}? kind\n: Deployment\n", True),
        (f"kind: Autoscaler # of a Deployment\n{SCALED}", True),  # could be told; is not worth it
        (f"kind: Autoscaler\r\n{SCALED}", True),
        (' kind: Deployment\n other: "\nkind: Other\n "\n', True),
        ('{kind: Deployment, other: "\nkind: Other\n"}\n', True),
        ("other: \"\nkind: Other\n\"\n'kind': Deployment\n", True),
        ("- kind: Deployment\n", True),
        ("apiVersion: v1\nkind: List\nitems:\n- kind: Deployment\n", True),
        ("apiVersion: v1\nkind: DeploymentList\nitems:\n- kind: Deployment\n", True),
    ],
)
def test_whatever_may_hold_a_deployment_is_read(text, is_read):
    shown, whole = service_at(Depth.RUNNING, text), service_at(Depth.ALL, text)
    assert shown == (whole if is_read else [])
    assert is_read or "Deployment" not in [item.kind for item in whole]


def service_at(depth: Depth, text: str) -> list[Object]:
    """The objects of payments' service.yaml of this text."""
    repo, _ = load(tree_of(good() | {SERVICE: text}), ["payments"], depth)
    return [item for item in repo.apis["payments"].base.objects if item.path == SERVICE]


PIECES = ["kind: Other\n", "kind: Deployment\n", "kind:", " Deployment", "kind: List\n", "items:\n", "a: ", "a: b\n"]
PIECES += [*"\n \"'{}[],:#\t", "- ", "? ", "|\n", ">-\n", "---\n", "--- ", "...\n", "\r\n"]


@settings(max_examples=1000)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_no_deployment_is_overlooked(text):
    shown, whole = service_at(Depth.RUNNING, text), service_at(Depth.ALL, text)
    assert shown == whole or "Deployment" not in [item.kind for item in whole]


def test_for_what_runs_of_each_environment_the_last_record_is_read():
    """Of a fleet that has released for years the others would be most of the work."""
    names = ("prod/000009", "prod/000010", "staging/000001")
    paths = [f"apps/payments/releases/{name}-0123456789abcdef.yaml" for name in names]
    outcome = paths[1].replace(".yaml", ".outcome.yaml")
    files = good() | dict.fromkeys(paths, RECORD) | {paths[0]: "a: [\n", outcome: "a: [\n"}
    repo, found = load(tree_of(files), depth=Depth.RUNNING)
    assert [record.path for record in repo.apis["payments"].records] == paths[1:]
    assert found == []
    assert [finding.path for finding in load(tree_of(files))[1]] == [paths[0], outcome]


def test_an_api_that_is_not_there_is_not_loaded():
    assert load(tree_of(good()), ["orders", "payments", "../payments"])[0].apis.keys() == {"payments"}
    assert load(tree_of(good()), [])[0].apis == {}


def test_the_order_of_files_does_not_matter():
    files = everything()
    backwards = dict(reversed(files.items()))
    one, other = load(tree_of(files)), load(tree_of(backwards))
    assert list(one[0].apis.values()) == list(other[0].apis.values())
    assert one[1] == other[1]


@pytest.mark.parametrize(
    ("duration", "expected"),
    [("90s", 90), ("30m", 1800), ("2h", 7200), ("0m", 0), ("", 1800), ("30", 1800), ("1d", 1800), ("-1m", 1800)],
)
def test_seconds(duration, expected):
    assert seconds(duration) == expected


def test_a_platform_that_cannot_be_read_is_known_as_such():
    assert repo_of(good() | {"platform.yaml": "a: ["}).platform == Platform()
