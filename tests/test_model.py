"""The values of a repo say what is in them."""

import pytest

from onboarding_tool import resources
from onboarding_tool.findings import Severity, Who
from onboarding_tool.model import SCHEMA_OF_KIND, Api, Object, Record, Repo, Request, Team, mapping, sequence, text
from onboarding_tool.tree import tree_of
from tests.support.repos import good, repo_of


def test_every_kind_has_its_schema():
    assert sorted(SCHEMA_OF_KIND.values()) == list(resources.schema_names())


# Objects


def an_object(kind: str, spec: object = None, **more: object) -> Object:
    return Object(
        "x.yaml", 0, (), {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": "a"}, "spec": spec, **more}
    )


def test_an_object_says_what_it_is():
    found = an_object("Deployment", {"replicas": 3})
    assert (found.kind, found.name, found.group) == ("Deployment", "a", "apps")
    assert found.get("spec", "replicas") == 3
    assert found.get("spec", "replicas", "x") is found.get("nothing", "there") is None


@pytest.mark.parametrize(
    ("version", "group"), [("v1", ""), ("networking.k8s.io/v1", "networking.k8s.io"), (1, ""), (None, "")]
)
def test_group(version, group):
    assert Object("x", 0, (), {"apiVersion": version}).group == group


@pytest.mark.parametrize("value", [{}, {"kind": 1, "metadata": "x"}, {"kind": None, "metadata": {"name": [1]}}])
def test_an_object_of_nonsense_is_empty(value):
    found = Object("x", 0, (), value)
    assert (found.kind, found.name, found.pod(), list(found.containers())) == ("", "", ((), {}), [])


POD = {"containers": [{"name": "app"}, "x"], "initContainers": [{"name": "first"}]}


@pytest.mark.parametrize(
    ("kind", "spec", "at"),
    [
        ("Deployment", {"template": {"spec": POD}}, ("spec", "template", "spec")),
        ("Job", {"template": {"spec": POD}}, ("spec", "template", "spec")),
        ("Pod", POD, ("spec",)),
        (
            "CronJob",
            {"jobTemplate": {"spec": {"template": {"spec": POD}}}},
            ("spec", "jobTemplate", "spec", "template", "spec"),
        ),
    ],
)
def test_containers_are_found_wherever_pods_are_made(kind, spec, at):
    found = an_object(kind, spec)
    assert found.pod() == (at, POD)
    assert list(found.containers()) == [
        ((*at, "initContainers", 0), {"name": "first"}),
        ((*at, "containers", 0), {"name": "app"}),
    ]


def test_what_runs_no_pods_has_no_containers():
    assert list(an_object("Service", POD).containers()) == []


# Requests, records, repos


def test_a_request_gives_text_or_nothing():
    request = Request("p", "a", "e", "s", "i", {"container": "app", "replicas": 3}, False)
    assert (request.get("container"), request.get("replicas"), request.get("x")) == ("app", "", "")
    assert Request("p", "a", "e", "s", "i", ["x"], False).get("x") == ""


def test_a_record_of_nonsense_is_empty():
    record = Record("p", "a", "e", "s", {"seq": "1", "id": 2, "decision": None})
    assert (record.seq, record.id, record.decision) == (0, "", "")


def test_records_of_an_environment_in_their_order():
    def record(environment: str, seq: int) -> Record:
        return Record(f"{environment}-{seq}", "a", environment, "s", {"seq": seq})

    api = Api("a", records=(record("prod", 10), record("staging", 1), record("prod", 9)))
    assert [found.seq for found in api.records_in("prod")] == [9, 10]
    assert api.records_in("qa") == []


def test_places_of_an_api():
    api = Api("pay")
    assert (api.folder, api.path) == ("apps/pay", "apps/pay/metadata.yaml")
    assert api.overlay_folder("prod") == "apps/pay/overlays/prod"


def test_tenants_are_those_served_and_those_named():
    repo = Repo(
        tree_of({}), teams={"t": Team("t", tenants=("b", "a"))}, apis={"x": Api("x", tenant="c"), "y": Api("y")}
    )
    assert repo.tenants() == ["a", "b", "c"]


def test_a_finding_stands_where_its_keys_lead():
    repo = repo_of(good())
    found = repo.finding("r", "platform.yaml", "m", "h", at=("tool", "version"), who=Who.APP_TEAM)
    assert (found.path, found.line, found.column, found.rule, found.message) == ("platform.yaml", 4, 17, "r", "m")
    assert (found.hint, found.severity, found.who) == ("h", Severity.ERROR, Who.APP_TEAM)
    assert repo.finding("r", "platform.yaml", "m", at=("tool",), key=True).column == 1
    assert (repo.finding("r", "platform.yaml", "m").line, repo.finding("r", "no/file", "m", at=("x",)).line) == (1, 1)


@pytest.mark.parametrize("value", [None, 1, "x", [1], {"a": 1}, True])
def test_reading_values_of_any_shape(value):
    assert mapping(value) == (value if isinstance(value, dict) else {})
    assert sequence(value) == (value if isinstance(value, list) else [])
    assert text(value) == (value if isinstance(value, str) else "")
