"""Decisions as values: repo and history come from dicts. The same on real git: adapters/test_apply_releases.py."""

import hashlib
import json
import re
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding_tool import load, releases, resources, schema, yamltext
from onboarding_tool.history import Arrival, Person, Written
from onboarding_tool.model import Repo
from onboarding_tool.releases import Circumstances, Decision, Kind
from onboarding_tool.tree import changed, tree_of
from onboarding_tool.yamltext import OURS
from tests.support.repos import REQUEST, REQUEST_PATH, edited, good

APP = "europe-docker.pkg.dev/acme/payments/app"
OVERLAY = "apps/payments/overlays/prod/kustomization.yaml"
STAGING = "apps/payments/requests/staging/"
FIELDS = json.loads(resources.schema_text("release-request"))["properties"]
CIRCUMSTANCES = Circumstances(
    Person("Bot"), "2026-11-20T16:40:02Z", "4b825dc642cb6eb9a060e54bf8d69288fbee4904", "0.1.0"
)


@dataclass
class Told:
    """A history that says what it was told: the changes that arrived with a path, or only the path itself."""

    arrivals: dict[str, Arrival] = field(default_factory=dict)
    deleted: str = ""
    prefix: str = ""
    written: dict[str, Written] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)

    def arrival(self, path):
        person = Person("Alice", commit="a" * 40)
        return self.arrivals.get(path, Arrival("a" * 40, (("A", path),), person, 1))

    def was_deleted(self, pattern):
        return bool(self.deleted) and re.fullmatch(pattern.replace("*", ".*"), self.deleted) is not None

    def records(self, folder=None):
        return {path: one for path, one in self.written.items() if folder in (None, path.rpartition("/")[0])}

    def first_bytes(self, path):
        return self.contents[path]


def request_to(environment: str = "prod", /, **fields: str | None) -> str:
    """The good request for another environment, with fields replaced, added, or (None) left out."""
    namespace = {"prod": "payments", "staging": "payments-staging"}[environment]
    lines = dict(line.split(": ", 1) for line in REQUEST.splitlines()[1:])
    lines |= {"environment": environment, "namespace": namespace} | {k: v for k, v in fields.items() if v is not None}
    return "".join(f"{key}: {value}\n" for key, value in lines.items() if key not in fields or fields[key] is not None)


def repo_with(files: dict[str, str] | None = None, history: Told | None = None, **more: str) -> Repo:
    tree = tree_of((files or good()) | more)
    return replace(load.load(tree)[0], history=history or Told())


def decided(files: dict[str, str], path: str = REQUEST_PATH, history: Told | None = None) -> Decision:
    """The decision about a request; whatever it is, its record is a valid one and reads as it was written."""
    repo = repo_with(files, history)
    request = next(one for one in repo.apis["payments"].requests if one.path == path)
    decision = releases.decide(repo, request, CIRCUMSTANCES)
    after, found = load.load(changed(repo.tree, decision.changes))
    assert [finding for finding in found if finding.path == decision.path] == []
    assert after.apis["payments"].records[-1].value == decision.record
    assert schema.judge("release-record", dict(decision.record)) == []
    assert decision.changes[path] is None
    assert (decision.reason is None) is (decision.kind is Kind.APPLIED)
    assert OVERLAY in decision.changes or path not in after.tree
    return decision


def refusal(files: dict[str, str], path: str = REQUEST_PATH, history: Told | None = None) -> str:
    """The reason of a refusal, which changes nothing but the queue and the record."""
    decision = decided(files, path, history)
    assert decision.kind is Kind.REFUSED
    assert set(decision.changes) == {path, decision.path}
    return decision.reason or ""


def prod(**fields: str | None) -> dict[str, str]:
    return good() | {REQUEST_PATH: request_to("prod", **fields)}


# Applied


def test_a_request_is_applied_in_one_step():
    decision = decided(good() | {REQUEST_PATH: REQUEST})
    id = hashlib.sha256(REQUEST_PATH.encode() + b"\0" + REQUEST.encode()).hexdigest()  # noqa: A001
    assert decision.kind is Kind.APPLIED
    assert decision.path == f"apps/payments/releases/prod/000001-{id[:16]}.yaml"
    assert set(decision.changes) == {REQUEST_PATH, decision.path, OVERLAY}
    assert decision.changes[OVERLAY] == good()[OVERLAY].replace("v1.9.3", "v2.0.0").encode()
    assert decision.message == f"release(payments/prod): app v1.9.3 -> v2.0.0\n\nRelease-Record: {id}\n"


def test_the_record_says_everything():
    record = decided(good() | {REQUEST_PATH: REQUEST}).record
    alice = {"name": "Alice", "login": None, "id": None, "source": "git", "commit": "a" * 40}
    assert record == {
        "apiVersion": "onboarding/v1",
        "kind": "ReleaseRecord",
        "id": record["id"],
        "seq": 1,
        "decision": "applied",
        "reason": None,
        "request": yamltext.read(REQUEST.encode(), OURS).documents[0],
        "request_path": REQUEST_PATH,
        "request_sha256": hashlib.sha256(REQUEST.encode()).hexdigest(),
        "slot": [{"deployment": "payments", "container": "app"}],
        "old_image": f"{APP}:v1.9.3",
        "new_image": f"{APP}:v2.0.0",
        "requested_by": alice,
        "approved_by": [alice],
        "actor": {"name": "Bot", "login": None, "id": None, "source": "git", "commit": None},
        "pipeline": None,
        "decided_at": "2026-11-20T16:40:02Z",
        "base_commit": "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
        "tool_version": "0.1.0",
        "previous": None,
    }


def test_the_record_begins_with_its_schema():
    decision = decided(good() | {REQUEST_PATH: REQUEST})
    first = (decision.changes[decision.path] or b"").splitlines()[0]
    assert first == b"# yaml-language-server: $schema=../../../../.onboard/schemas/release-record.json"


def test_where_no_approval_is_required_the_policy_says_so():
    files = edited("platform.yaml", "approval: {by: platform, count: 1}", "approval: {by: none, count: 0}", prod())
    assert decided(files).record["approved_by"] == [
        {"name": "no approval required", "login": None, "id": None, "source": "policy", "commit": None}
    ]


def test_records_form_a_chain():
    files, paths = good(), []
    for number, tag in enumerate(("v2.0.0", "latest", "v2.1.0"), start=1):
        path = f"apps/payments/requests/prod/r{number}.yaml"
        files[path] = request_to("prod", target_image=f"{APP}:{tag}", expected_current=None)
        decision = decided(files, path)
        assert decision.record["seq"] == number
        assert decision.path.startswith(f"apps/payments/releases/prod/00000{number}-")
        before = hashlib.sha256(files[paths[-1]].encode()).hexdigest() if paths else None
        assert decision.record["previous"] == before
        paths.append(decision.path)
        files |= {name: data.decode() for name, data in decision.changes.items() if data is not None}
        del files[path]
    assert [files[path].count("decision: refused") for path in paths] == [0, 1, 0]
    assert "newTag: v2.1.0" in files[OVERLAY]


def test_each_environment_has_its_own_chain():
    files = good() | {REQUEST_PATH: REQUEST, STAGING + "a.yaml": request_to("staging")}
    first = decided(files)
    files |= {name: data.decode() for name, data in first.changes.items() if data is not None}
    other = decided(files, STAGING + "a.yaml")
    assert (other.record["seq"], other.record["previous"]) == (1, None)


def test_a_slot_of_several_containers_moves_and_is_recorded_whole():
    files = edited(
        "apps/payments/base/deployment.yaml",
        "containers:\n",
        f"initContainers:\n        - name: warm-up\n          image: {APP}\n      containers:\n",
        prod(),
    )
    files = edited(
        "apps/payments/metadata.yaml",
        "- {name: app,",
        f"- {{name: warm-up, image: {APP}}}\n      - {{name: app,",
        files,
    )
    decision = decided(files)
    assert [item["container"] for item in decision.record["slot"]] == ["app", "warm-up"]
    assert decision.message.startswith("release(payments/prod): app+warm-up v1.9.3 -> v2.0.0\n")


def test_a_digest_is_applied_and_shown_short():
    digest = "sha256:" + "ab" * 32
    decision = decided(prod(target_image=f"{APP}@{digest}"))
    assert decision.record["new_image"] == f"{APP}@{digest}"
    assert "app v1.9.3 -> @sha256:abababababab\n" in decision.message


# Refused


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (request_to("prod", replicas="10"), "`replicas` has no place in a release request. The HPA owns"),
        (request_to("prod", env="{A: b}", strategy="x"), "strategy` has no place"),
        (request_to("prod", deploymnet="x"), "there is no field `deploymnet`. Did you mean `deployment`?"),
        (request_to("prod", container=None), "`container` is missing"),
        (request_to("prod", target_image=APP), "target_image"),
        (request_to("prod", reason="&a b"), "Line 10: `&a` is an anchor"),
        (request_to("prod") + "container: app\n", "Line 11: the key 'container' stands twice"),
        ("", "the document is empty"),
        ("- a list", "the document is a list"),
        ("a: [", "Line 2: not YAML"),
        ("\0", "the invisible character U+0000"),
        ("a: b\n---\nc: d\n", "a second document"),
    ],
)
def test_what_is_no_request_is_refused_with_the_findings_sentences(text, said):
    assert said in refusal(good() | {REQUEST_PATH: text})


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"api_name": "orders"}, "`api_name` says 'orders'"),
        ({"environment": "staging"}, "`environment` says 'staging'"),
        ({"namespace": "default"}, "Write `namespace: payments`."),
        ({"deployment": "paymets"}, "declares no Deployment 'paymets'. Did you mean 'payments'?"),
        ({"container": "web"}, "declares no container 'web'"),
        (
            {"target_image": "europe-docker.pkg.dev/acme/orders/app:v1"},
            "runs 'europe-docker.pkg.dev/acme/payments/app'",
        ),
        ({"target_image": f"{APP}:latest"}, "the tag 'latest' moves"),
        ({"target_image": f"{APP}:v1.9.3"}, "is declared already"),
        ({"expected_current": f"{APP}:v1.9.2"}, f"`expected_current` is {APP}:v1.9.2, and {APP}:v1.9.3 is declared"),
        (
            {"rollback_of": "0123456789abcdef"},
            "0123456789abcdef is no release of payments/app that was applied in prod",
        ),
    ],
)
def test_what_cannot_be_granted_is_refused_with_the_reason(fields, said):
    assert said in refusal(prod(**fields))


def test_every_reason_is_said_at_once():
    reason = refusal(prod(namespace="x", deployment="yy", target_image="ghcr.io/other/app:main"))
    assert len(reason.splitlines()) == 4
    assert [word in reason for word in ("namespace", "Deployment 'yy'", "registry", "'main' moves")] == [True] * 4


@pytest.mark.parametrize(
    ("path", "old", "new", "said"),
    [
        ("platform.yaml", "registries: [europe-docker.pkg.dev/acme]", "registries: [ghcr.io]", "not below a registry"),
        ("platform.yaml", "registries:", "images: {require: digest}\nregistries:", "requires one"),
        ("platform.yaml", "requests: queue", "requests: queue\n    revision: refs/tags/v1", "follows refs/tags/v1"),
        ("apps/payments/metadata.yaml", "lifecycle: active", "lifecycle: retiring", "payments is retiring"),
        ("apps/payments/metadata.yaml", "  prod: {namespace: payments, manage: none}\n", "", "does not live in 'prod'"),
        (OVERLAY, "    newTag: v1.9.3 # the last good one\n", "    newName: x/y\n", "without a version"),
        (OVERLAY, "newTag:", "tagSuffix: -x\n    newTag:", "tagSuffix"),
    ],
)
def test_policy_and_declarations_are_those_of_the_commit(path, old, new, said):
    assert said in refusal(edited(path, old, new, prod()))


def test_a_request_that_came_with_something_else_is_refused():
    person = Person("Mallory", commit="b" * 40)
    arrival = Arrival("b" * 40, (("A", REQUEST_PATH), ("M", OVERLAY)), person, 3)
    files = good() | {REQUEST_PATH: REQUEST}
    decision = decided(files, history=Told({REQUEST_PATH: arrival}))
    assert decision.kind is Kind.REFUSED
    assert f"{OVERLAY} (M)" in (decision.reason or "")
    assert decision.record["requested_by"]["name"] == "Mallory"


def test_a_request_that_was_changed_later_is_refused():
    arrival = Arrival("b" * 40, (("M", REQUEST_PATH),), Person("Mallory", commit="b" * 40), 3)
    assert f"{REQUEST_PATH} (M)" in refusal(prod(), history=Told({REQUEST_PATH: arrival}))


def test_an_id_that_is_in_a_record_is_refused():
    files = good() | {REQUEST_PATH: REQUEST}
    first = decided(files)
    files |= {name: data.decode() for name, data in first.changes.items() if data is not None}
    again = decided(files)
    assert again.kind is Kind.REFUSED
    assert first.path in (again.reason or "")
    assert again.record["seq"] == 2


def test_what_is_unknown_in_a_refusal_is_null():
    record = decided(good() | {REQUEST_PATH: "[]"}).record
    assert [record[key] for key in ("request", "slot", "old_image", "new_image")] == [None] * 4
    record = decided(prod(container="web", target_image="x:latest")).record
    assert (record["slot"], record["old_image"], record["new_image"]) == (None, None, "x:latest")
    record = decided(prod(target_image="not an image")).record
    assert (record["old_image"], record["new_image"]) == (f"{APP}:v1.9.3", None)


def test_a_request_too_large_for_a_record_is_refused_without_its_text():
    many = "".join(f"field{number}: {'x' * 200}\n" for number in range(310))
    record = decided(good() | {REQUEST_PATH: REQUEST + many}).record
    assert record["request"] is None or len(str(record)) < 64 * 1024
    deep = REQUEST + "extra: " + "[" * 19 + "]" * 19 + "\n"
    assert decided(good() | {REQUEST_PATH: deep}).record["request"] is None


def test_the_message_is_one_clean_line():
    text = REQUEST + '"\\u202E\\u001b[31m\\u2028x": 1\n' + f"{'y' * 300}: 1\n"
    decision = decided(good() | {REQUEST_PATH: text})
    subject, empty, trailer = decision.message.rstrip("\n").split("\n")
    assert subject.startswith(f"release(payments/prod): refused {REQUEST_PATH.rpartition('/')[2]}: ")
    assert subject.isprintable()
    assert len(subject) <= 160
    assert (empty, trailer) == ("", f"Release-Record: {decision.request.id}")


def test_a_file_name_cannot_forge_a_trailer():
    path = "apps/payments/requests/prod/x\n\nRelease-Record: 1.yaml"
    repo = repo_with(good() | {path: "nonsense"})
    assert releases.held(repo, repo.apis["payments"].requests[0]) is not None


@given(st.binary(max_size=200) | st.text(alphabet="abc: \n-[]{}&*!'\"\\u1_.<>|#%\t\u202e\ud800", max_size=80))
def test_whatever_the_bytes_are_they_are_refused_and_recorded(data):
    text = data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass")
    assert refusal(good() | {REQUEST_PATH: text})


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.integers(-99, 99).map(lambda number: number / 8)
        | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    )
)
def test_whatever_a_request_holds_beside_its_fields_is_recorded(value):
    extra = yamltext.dump({"extra": value})
    decision = decided(good() | {REQUEST_PATH: REQUEST + extra})
    if (decision.reason or "").startswith("Line "):
        return  # an invisible character, or a number that readers round differently: no value at all
    assert decision.reason == f"there is no field `extra`. Allowed here: {', '.join(FIELDS)}."
    if decision.record["request"] is not None:
        assert decision.record["request"]["extra"] == value


def test_a_name_that_hides_something_is_recorded_visibly():
    arrival = Arrival("b" * 40, (("A", REQUEST_PATH),), Person("Al\u202eice\n", commit="b" * 40), 3)
    decision = decided(good() | {REQUEST_PATH: REQUEST}, history=Told({REQUEST_PATH: arrival}))
    assert decision.record["requested_by"]["name"] == "Al?ice?"


# Rollback


def released(tags: list[str]) -> tuple[dict[str, str], list[str]]:
    """A repo in which prod went through these tags, and the records' ids."""
    files, ids = good(), []
    for number, tag in enumerate(tags):
        path = f"apps/payments/requests/prod/r{number}.yaml"
        files[path] = request_to("prod", target_image=f"{APP}:{tag}", expected_current=None)
        decision = decided(files, path)
        assert decision.kind is Kind.APPLIED
        files |= {name: data.decode() for name, data in decision.changes.items() if data is not None}
        del files[path]
        ids.append(decision.request.id)
    return files, ids


@pytest.mark.parametrize(("undone", "tag"), [(2, "v3"), (2, "v2"), (2, "v1.9.3"), (1, "v2"), (0, "v1.9.3")])
def test_a_rollback_goes_to_an_image_from_before(undone, tag):
    files, ids = released(["v2", "v3", "v4"])
    files[REQUEST_PATH] = request_to(
        "prod", target_image=f"{APP}:{tag}", rollback_of=f'"{ids[undone][:16]}"', expected_current=None
    )
    decision = decided(files)
    assert decision.kind is Kind.APPLIED
    assert decision.record["request"]["rollback_of"] == ids[undone][:16]


@pytest.mark.parametrize(("undone", "tag"), [(0, "v2"), (0, "v3"), (1, "v3"), (2, "v9")])
def test_a_rollback_to_what_was_not_before_is_refused(undone, tag):
    files, ids = released(["v2", "v3", "v4"])
    files[REQUEST_PATH] = request_to(
        "prod", target_image=f"{APP}:{tag}", rollback_of=f'"{ids[undone]}"', expected_current=None
    )
    assert "did not run in prod before" in refusal(files)


def test_a_rollback_of_a_refusal_or_of_another_environment_is_refused():
    files, ids = released(["v2"])
    path = "apps/payments/requests/prod/refused.yaml"
    files[path] = request_to("prod", target_image=f"{APP}:latest", expected_current=None)
    refused = decided(files, path)
    files |= {name: data.decode() for name, data in refused.changes.items() if data is not None}
    del files[path]
    words = {"target_image": f"{APP}:v1.9.3", "expected_current": None}
    files[REQUEST_PATH] = request_to("prod", rollback_of=f'"{refused.request.id}"', **words)
    assert "is no release" in refusal(files)
    files[STAGING + "a.yaml"] = request_to("staging", rollback_of=f'"{ids[0]}"', **words)
    assert "is no release" in refusal(files, STAGING + "a.yaml")


# The queue


def at(position: int, path: str) -> Arrival:
    return Arrival("a" * 40, (("A", path),), Person("Alice", commit="a" * 40), position)


def staging(*tags: str) -> tuple[dict[str, str], Told, list[str]]:
    """Pending requests in staging, where the latest wins; they arrived in this order, against that of their names."""
    paths = [f"{STAGING}r{9 - number}.yaml" for number in range(len(tags))]
    texts = [request_to("staging", target_image=f"{APP}:{tag}", expected_current=None) for tag in tags]
    arrivals = {path: at(number, path) for number, path in enumerate(paths)}
    return good() | dict(zip(paths, texts, strict=True)), Told(arrivals), paths


def test_the_queue_is_in_order_of_arrival():
    files, history, paths = staging("v2", "v3", "v4")
    repo = repo_with(files, history)
    assert [request.path for request in releases.pending(repo)] == paths
    assert [request.path for request in releases.pending(repo, paths[1:2])] == paths[1:2]


def test_what_arrived_together_is_in_order_of_paths():
    files, _, paths = staging("v2", "v3", "v4")
    assert [request.path for request in releases.pending(repo_with(files))] == sorted(paths)


def test_what_no_commit_holds_is_not_pending():
    class Nothing(Told):
        def arrival(self, path):
            return None

    assert releases.pending(repo_with(prod(), Nothing())) == []


def test_the_latest_wins_where_platform_yaml_says_so():
    files, history, paths = staging("v2", "v3", "v4")
    for path in paths[:2]:
        decision = decided(files, path, history)
        assert decision.kind is Kind.SUPERSEDED
        assert decision.reason == f"A newer request is pending: {paths[2].rpartition('/')[2]}."
        assert set(decision.changes) == {path, decision.path}
        assert decision.message.startswith("release(payments/staging): superseded r")
    assert decided(files, paths[2], history).kind is Kind.APPLIED


def test_in_a_queue_nothing_is_superseded():
    first, second = (f"apps/payments/requests/prod/{name}.yaml" for name in "ab")
    texts = [request_to("prod", target_image=f"{APP}:{tag}", expected_current=None) for tag in ("v2", "v3")]
    files = good() | {first: texts[0], second: texts[1]}
    assert decided(files, first, Told({first: at(1, first), second: at(2, second)})).kind is Kind.APPLIED


def test_a_newer_request_that_would_be_refused_supersedes_nothing():
    files, history, paths = staging("v2", "latest")
    assert decided(files, paths[0], history).kind is Kind.APPLIED
    files, history, paths = staging("v2", "v3")
    files[paths[1]] = request_to("staging", target_image=f"{APP}:v3", expected_current=f"{APP}:v2")
    assert decided(files, paths[0], history).kind is Kind.APPLIED


def test_a_request_that_is_refused_is_not_superseded():
    files, history, paths = staging("latest", "v2")
    assert decided(files, paths[0], history).kind is Kind.REFUSED


def test_another_slot_supersedes_nothing():
    files, history, paths = staging("v2", "v3")
    container = "        - name: sidecar\n          image: europe-docker.pkg.dev/acme/payments/sidecar:v1\n"
    files["apps/payments/base/deployment.yaml"] += container
    files = edited(
        "apps/payments/metadata.yaml",
        "payments/app}",
        "payments/app}\n      - {name: sidecar, image: europe-docker.pkg.dev/acme/payments/sidecar}",
        files,
    )
    files[paths[1]] = request_to(
        "staging",
        container="sidecar",
        target_image="europe-docker.pkg.dev/acme/payments/sidecar:v3",
        expected_current=None,
    )
    assert decided(files, paths[0], history).kind is Kind.APPLIED
    assert decided(files, paths[1], history).kind is Kind.APPLIED


# Held


def held(files: dict[str, str], history: Told | None = None) -> str:
    repo = repo_with(files, history)
    found = releases.held(repo, repo.apis["payments"].requests[0])
    return found.rule if found else ""


def test_nothing_is_held_without_a_reason():
    assert held(prod()) == ""


def test_a_reverted_release_holds_its_api_and_environment():
    files = prod()
    id = load.request_id(REQUEST_PATH, files[REQUEST_PATH].encode())  # noqa: A001
    reverted = Told(deleted=f"apps/payments/releases/prod/000007-{id[:16]}.yaml")
    other = "apps/payments/requests/prod/other.yaml"
    files |= {other: request_to("prod"), STAGING + "a.yaml": request_to("staging")}
    repo = repo_with(files, reverted)
    rules = {request.path: releases.held(repo, request) for request in repo.apis["payments"].requests}
    assert {path: found.rule for path, found in rules.items() if found} == dict.fromkeys(
        (REQUEST_PATH, other), "release-reverted"
    )
    assert "git revert aaaaaaaaaaaa" in rules[other].hint
    assert f"--rollback-of {id[:16]}" in rules[other].hint


def test_a_broken_chain_holds():
    files, _ = released(["v2", "v3"])
    first = next(path for path in files if "/000001-" in path)
    files[first] = files[first].replace("Bot", "Mallory")
    assert held(files | {REQUEST_PATH: REQUEST}) == "record-chain-broken"


@pytest.mark.parametrize(
    ("path", "text"), [("platform.yaml", "a: ["), ("teams.yaml", "[]"), ("apps/payments/metadata.yaml", "a: 1")]
)
def test_broken_declarations_hold(path, text):
    assert held(prod() | {path: text}) == "schema-invalid"


@pytest.mark.parametrize("path", ["requests/Prod/a.yaml", "requests/prod/a\u202e.yaml", "requests/p_/a.yaml"])
def test_a_name_that_no_record_can_hold_holds(path):
    assert held(good() | {f"apps/payments/{path}": REQUEST}) == "file-unexpected"
