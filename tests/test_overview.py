"""What `api list` and `api show` tell."""

import json

import pytest
from hypothesis import given, settings

from onboarding_tool import load, overview
from onboarding_tool.model import Repo
from onboarding_tool.overview import HEAD
from onboarding_tool.tree import tree_of
from tests.support.broken import RECORD, broken_trees
from tests.support.repos import REQUEST, REQUEST_PATH, edited, good, repo_of, second_api

METADATA = "apps/payments/metadata.yaml"
APP = "europe-docker.pkg.dev/acme/payments/app"
RECORD_PATH = "apps/payments/releases/prod/000001-0123456789abcdef.yaml"


def about(files: dict[str, str]) -> dict[str, object]:
    return overview.overview(repo_of(files).apis["payments"])


def rows(repo: Repo) -> list[tuple[str, ...]]:
    return [row for api in repo.apis.values() for row in overview.line(api).rows]


def row(files: dict[str, str], environment: str = "prod") -> dict[str, str]:
    """The line of one environment of payments, by the columns' heads."""
    found = [dict(zip(HEAD, line, strict=True)) for line in rows(repo_of(files))]
    return next(line for line in found if (line["API"], line["ENVIRONMENT"]) == ("payments", environment))


def test_one_api_in_full():
    assert about(good() | {REQUEST_PATH: REQUEST}) == {
        "api": "payments",
        "tenant": "customer-a",
        "team": "payments-team",
        "lifecycle": "active",
        "capability": "L0",
        "delivery": "argocd",
        "environments": {
            "staging": {
                "namespace": "payments-staging",
                "images": [{"deployment": "payments", "container": "app", "image": f"{APP}:v1.9.3"}],
                "phase": {"/customer-a/payments": "path"},
                "pending_requests": [],
                "last_release": None,
            },
            "prod": {
                "namespace": "payments",
                "images": [{"deployment": "payments", "container": "app", "image": f"{APP}:v1.9.3"}],
                "phase": {"/customer-a/payments": "dual"},
                "pending_requests": [REQUEST_PATH],
                "last_release": None,
            },
        },
        "routes": [
            {
                "prefix": "/customer-a/payments",
                "service": "payments",
                "port": 8080,
                "legacy_hosts": ["payments.customer-a.com"],
            }
        ],
    }


def test_the_last_release_is_the_one_of_the_highest_number():
    second = RECORD.replace("seq: 1\n", "seq: 10\n").replace("decision: refused", "decision: superseded")
    files = good() | {RECORD_PATH: RECORD, RECORD_PATH.replace("000001-0", "000010-0"): second}
    last = about(files)["environments"]["prod"]["last_release"]
    assert last == {
        "seq": 10,
        "id": "0123456789abcdef" * 4,
        "decision": "superseded",
        "old_image": None,
        "new_image": None,
        "decided_at": "2026-11-20T16:40:02Z",
        "reason": "It sets replicas.",
        "path": RECORD_PATH.replace("000001-0", "000010-0"),
        "requested_by": "Alice",
    }


def test_it_can_be_written_as_json():
    found = about(good() | {RECORD_PATH: RECORD, REQUEST_PATH: REQUEST})
    assert json.loads(json.dumps(found)) == found


def test_a_row():
    assert row(good()) == {
        "API": "payments",
        "TENANT": "customer-a",
        "TEAM": "payments-team",
        "LIFECYCLE": "active",
        "CAPABILITY": "L0",
        "ENVIRONMENT": "prod",
        "NAMESPACE": "payments",
        "IMAGE": "app v1.9.3",
        "PHASE": "dual",
        "PENDING": "-",
        "LAST DECISION": "-",
    }


def test_a_row_for_each_api_and_environment():
    found = [(line[0], line[5]) for line in rows(repo_of(good() | second_api()))]
    assert found == [("orders", "staging"), ("orders", "prod"), ("payments", "staging"), ("payments", "prod")]


def test_pending_requests_are_counted_where_they_ask():
    files = good() | {REQUEST_PATH: REQUEST, REQUEST_PATH.replace("3f9c", "0000"): "broken: ["}
    assert (row(files)["PENDING"], row(files, "staging")["PENDING"]) == ("2", "-")


def test_a_row_tells_the_last_release():
    assert row(good() | {RECORD_PATH: RECORD})["LAST DECISION"] == "2026-11-20T16:40:02Z refused #1"


@pytest.mark.parametrize(("lifecycle", "shown"), [("active", "dual"), ("retiring", "dual"), ("removed", "-")])
def test_the_lifecycle_is_seen_and_a_removed_api_has_no_phase(lifecycle, shown):
    assert row(edited(METADATA, "lifecycle: active", f"lifecycle: {lifecycle}"))["PHASE"] == shown
    assert row(edited(METADATA, "lifecycle: active", f"lifecycle: {lifecycle}"))["LIFECYCLE"] == lifecycle


def test_where_nothing_runs_and_no_route_leads():
    text = good()[METADATA].partition("routes:")[0] + "routes: []\n"
    files = {path: content for path, content in good().items() if "/base/" not in path} | {METADATA: text}
    assert (row(files)["IMAGE"], row(files)["PHASE"]) == ("-", "-")


def test_containers_of_one_name_and_version_are_said_once():
    path = "apps/payments/base/deployment.yaml"
    worker = good()[path].replace("name: payments\n", "name: worker\n")
    sidecar = "- name: proxy\n          image: a.io/proxy@sha256:" + "ab" * 32 + "\n        - name: app\n"
    files = edited(path, "- name: app\n", sidecar)
    files[path] += f"---\n{worker}"
    assert row(files)["IMAGE"] == "proxy @sha256:abababababab, app v1.9.3"


@settings(max_examples=40)
@given(broken_trees())
def test_it_never_raises_on_what_could_be_read(tree):
    repo = load.load(tree)[0]
    found = [overview.overview(api) for api in repo.apis.values()]
    assert json.loads(json.dumps(found)) == found
    assert all(isinstance(cell, str) for line in rows(repo) for cell in line)


@settings(max_examples=40)
@given(broken_trees())
def test_what_runs_is_known_from_the_manifests_that_may_hold_a_deployment(tree):
    apis, _ = load.apis(tree, tree.folders("apps"), load.Depth.RUNNING)
    assert [overview.line(api) for api in apis.values()] == [
        overview.line(api) for api in load.load(tree)[0].apis.values()
    ]


def test_the_last_release_is_known_from_its_record_alone():
    later = RECORD.replace("seq: 1\n", "seq: 2\n").replace("decision: refused", "decision: superseded")
    paths = (RECORD_PATH, RECORD_PATH.replace("000001-0", "000002-0"), RECORD_PATH.replace("prod", "staging"))
    tree = tree_of(good() | dict(zip(paths, (RECORD, later, RECORD), strict=True)))
    shown, whole = (load.load(tree, depth=depth)[0].apis["payments"] for depth in (load.Depth.RUNNING, load.Depth.ALL))
    assert overview.overview(shown) == overview.overview(whole)
    assert overview.overview(shown)["environments"]["prod"]["last_release"]["decision"] == "superseded"
