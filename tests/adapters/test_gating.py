"""The gate from end to end: a bare repository of real git, the real kustomize, and every kind of pull request."""

import re

import pytest

from onboarding_tool.adapters import gating
from onboarding_tool.adapters.git_repo import GitRepo
from onboarding_tool.errors import WorldError
from onboarding_tool.gate.author import Author
from onboarding_tool.gate.case import Kind
from onboarding_tool.gate.rules import mass_change
from onboarding_tool.gate.rules.mass_change import Struck
from onboarding_tool.gate.verdict import Approval
from onboarding_tool.model import Member
from tests.support.broken import RECORD
from tests.support.pulls import (
    ALICE,
    CONFIG,
    CONFIG_PATH,
    DEPLOYMENT,
    HPA,
    KIM,
    MALLORY,
    METADATA,
    PROD,
    STAGING,
    STAGING_PATH,
    TODAY,
    Odd,
    Pulls,
    declared,
    files,
    of_level,
    rules,
)
from tests.support.repos import (
    REQUEST,
    REQUEST_PATH,
    edited,
    excepting,
    good,
    repo_of,
    second_api,
    with_component,
    with_generated,
)

GONE = re.compile("apps/payments/(base|overlays|requests)/")
APP = "europe-docker.pkg.dev/acme/payments/app"
PLATFORM_IN_PROD = Approval("platform-team", 1, "prod", (Member("kim", 1),))
TEAM_IN_STAGING = Approval("payments-team", 1, "staging", (Member("alice", 1001),))


def retired(name: str, found: dict[str, str]) -> dict[str, str | None]:
    """What changes when an API goes."""
    metadata = f"apps/{name}/metadata.yaml"
    left = {path: text for path, text in found.items() if not path.startswith(f"apps/{name}/") or path == metadata}
    after = with_generated(edited(metadata, "lifecycle: active", "lifecycle: removed", left))
    gone = dict.fromkeys(with_generated(found).keys() - after.keys())
    return {**after, **gone}


# Release requests


def test_a_release_request_is_accepted_with_what_will_happen(pulls):
    verdict = pulls.judged({REQUEST_PATH: REQUEST})
    assert (verdict.findings, verdict.skipped) == ((), ())
    assert verdict.passes
    assert verdict.headline == "release request of payments: accepted"
    assert verdict.effects == ("payments prod: image app v1.9.3 -> v2.0.0; 2 replicas roll; nothing else changes",)
    assert verdict.approvals == (PLATFORM_IN_PROD,)
    assert verdict.author == "alice"


def test_several_requests_of_one_api_are_judged_together(pulls):
    verdict = pulls.judged({REQUEST_PATH: REQUEST, STAGING_PATH: STAGING})
    assert verdict.passes
    assert [effect.partition(":")[0] for effect in verdict.effects] == ["payments prod", "payments staging"]
    assert verdict.approvals == (TEAM_IN_STAGING, PLATFORM_IN_PROD)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({PROD: "x"}, "change-mixed"),
        ({"README.md": "x"}, "change-mixed"),
        ({"platform.yaml": None}, "change-mixed"),
        ({".github/workflows/x.yml": "x"}, "change-mixed"),
        ({"apps/payments/requests/prod/.gitattributes": "* -diff"}, "change-mixed"),
        ({"apps/payments/requests/prod/deeper/x.yaml": REQUEST}, "change-mixed"),
        ({"generated/prod/apps/payments/x.yaml": "x"}, "change-mixed"),
        ({REQUEST_PATH.replace("payments", "orders", 1): REQUEST}, "change-mixed"),
        ({REQUEST_PATH: REQUEST.replace("container: app", "container: app\nreplicas: 9")}, "request-field-forbidden"),
        ({REQUEST_PATH: REQUEST.replace("kind: ReleaseRequest", "kind: Job")}, "schema-invalid"),
        ({REQUEST_PATH: REQUEST.replace("namespace: payments", "namespace: kube-system")}, "request-target-mismatch"),
        ({REQUEST_PATH: REQUEST.replace("payments/app:v2", "orders/app:v2")}, "request-target-mismatch"),
        ({REQUEST_PATH: REQUEST.replace("europe-docker.pkg.dev", "evil.example")}, "request-image-forbidden"),
        ({REQUEST_PATH: REQUEST.replace("app:v2.0.0", "app:latest")}, "request-image-forbidden"),
        ({REQUEST_PATH: REQUEST.replace("app:v1.9.3", "app:v1.9.4")}, "request-not-applicable"),
        ({REQUEST_PATH: REQUEST.replace("app:v2.0.0", "app:v1.9.3")}, "request-not-applicable"),
        ({REQUEST_PATH: REQUEST + "rollback_of: 0123456789abcdef\n"}, "request-rollback-unknown"),
        ({REQUEST_PATH: REQUEST + "---\nkind: Secret\n"}, "yaml-invalid"),
        ({REQUEST_PATH: REQUEST.replace("payments\n", "&a payments\n", 1)}, "yaml-alias"),
        ({REQUEST_PATH: REQUEST.replace("container: app", "container: app\ncontainer: b")}, "yaml-duplicate-key"),
        ({REQUEST_PATH: Odd("120000", b"/etc/passwd")}, "path-mode-forbidden"),
        ({REQUEST_PATH: Odd("100755", REQUEST.encode())}, "path-mode-forbidden"),
        ({REQUEST_PATH: Odd("160000", b"1" * 40)}, "submodule-added"),
        ({REQUEST_PATH: REQUEST + "#" * (1 << 20)}, "change-too-large"),
        ({REQUEST_PATH: REQUEST.replace("\n", "\r\n")}, "request-not-plain"),
        ({REQUEST_PATH.replace("2026", "UP2026"): REQUEST}, "file-unexpected"),
        ({REQUEST_PATH.replace("2026", "\u202e2026"): REQUEST}, "file-unexpected"),
        ({REQUEST_PATH.replace("3f9c", "0000"): REQUEST.replace("v2.0.0", "v2.1.0")}, "request-slot-asked-twice"),
    ],
)
def test_what_a_request_must_not_do(pulls, changes, rule):
    verdict = pulls.judged({REQUEST_PATH: REQUEST} | changes)
    assert rule in rules(verdict)
    assert not verdict.passes
    assert "accepted" not in verdict.headline


def test_whose_the_rest_of_a_mixed_change_is_waits_until_it_is_taken_apart(pulls):
    verdict = pulls.judged({REQUEST_PATH: REQUEST, "apps/orders/base/x.yaml": "x"}, ALICE)
    assert rules(verdict) == {"change-mixed"}


def test_a_member_by_name_of_another_account_is_told_both(pulls):
    verdict = pulls.judged({REQUEST_PATH: REQUEST}, Author("Alice", 7))
    assert [one.message for one in verdict.findings] == [
        "payments is payments-team's, and Alice is the account 7; the one that teams.yaml calls so is 1001"
    ]


def test_a_team_that_nobody_declares_is_named(pulls):
    verdict = pulls.judged({REQUEST_PATH: REQUEST}, Author(teams=("payment-team",)))
    assert [one.message for one in verdict.findings] == [
        "payments is payments-team's, and teams.yaml has no payment-team"
    ]


@pytest.mark.parametrize("author", [MALLORY, KIM, Author("alice", 7), Author(teams=("acme/orders",))], ids=str)
def test_only_the_owners_ask(pulls, author):
    """A login that passed to another account is another one."""
    assert rules(pulls.judged({REQUEST_PATH: REQUEST}, author)) == {"author-not-owner"}


@pytest.mark.parametrize(
    "author",
    [
        Author("alice"),
        Author("ALICE"),
        Author("", 1001),
        Author("renamed", 1001),
        Author(teams=("acme/payments",)),
        None,
    ],
)
def test_an_owner_is_known_by_id_login_or_team(pulls, author):
    assert pulls.judged({REQUEST_PATH: REQUEST}, author).passes


def test_who_makes_himself_an_owner_is_none(pulls):
    grown = files()["teams.yaml"].replace(
        "{login: alice, id: 1001}", "{login: alice, id: 1001}, {login: mallory, id: 666}"
    )
    assert "change-not-permitted" in rules(pulls.judged({"teams.yaml": grown}, MALLORY))
    assert rules(pulls.judged({"teams.yaml": grown, REQUEST_PATH: REQUEST}, MALLORY)) >= {
        "change-mixed",
        "author-not-owner",
    }


def test_a_request_for_an_api_that_only_the_pull_request_has_is_nobodys(pulls):
    verdict = pulls.judged({REQUEST_PATH.replace("apps/payments", "apps/ghost"): REQUEST})
    assert "author-not-owner" in rules(verdict)


def test_a_request_that_waits_in_a_queue_comes_first(pulls):
    waiting = REQUEST_PATH.replace("3f9c", "0000")
    base = pulls.commit({waiting: REQUEST}, pulls.base)
    after = REQUEST.replace("app:v2.0.0", "app:v3.0.0").replace("app:v1.9.3", "app:v2.0.0")
    verdict = pulls.judged({REQUEST_PATH: after}, base=base)
    assert verdict.passes
    assert verdict.effects[0].startswith("payments prod: image app v2.0.0 -> v3.0.0;")
    assert any(waiting in note for note in verdict.notes)
    early = REQUEST.replace("app:v2.0.0", "app:v3.0.0")
    assert rules(pulls.judged({REQUEST_PATH: early}, base=base)) == {"request-not-applicable"}


def test_who_came_first_is_first_whatever_the_files_are_called(pulls):
    first, second, mine = (REQUEST_PATH.replace("3f9c", token) for token in ("ffff", "aaaa", "5555"))
    base = pulls.base
    for path, old, new in ((first, "v1.9.3", "v2.0.0"), (second, "v2.0.0", "v3.0.0")):
        base = pulls.commit({path: REQUEST.replace("v2.0.0", new).replace("v1.9.3", old)}, base)
    verdict = pulls.judged({mine: REQUEST.replace("v2.0.0", "v4.0.0").replace("v1.9.3", "v3.0.0")}, base=base)
    assert rules(verdict) == set()
    assert verdict.effects[0].startswith("payments prod: image app v3.0.0 -> v4.0.0;")
    late = pulls.judged({mine: REQUEST.replace("v2.0.0", "v4.0.0").replace("v1.9.3", "v2.0.0")}, base=base)
    assert rules(late) == {"request-not-applicable"}


def test_a_request_that_waits_and_will_be_refused_is_not_counted_on(pulls):
    """It came with another change, so the pipeline does not apply it."""
    waiting = REQUEST_PATH.replace("3f9c", "0000")
    base = pulls.commit({waiting: REQUEST, "README.md": "x"}, pulls.base)
    assert pulls.judged({REQUEST_PATH: REQUEST.replace("v2.0.0", "v3.0.0")}, base=base).passes
    after = REQUEST.replace("app:v2.0.0", "app:v3.0.0").replace("app:v1.9.3", "app:v2.0.0")
    assert rules(pulls.judged({REQUEST_PATH: after}, base=base)) == {"request-not-applicable"}


def test_a_newer_request_says_what_it_supersedes(pulls):
    waiting = STAGING_PATH.replace("3f9c", "0000")
    base = pulls.commit({waiting: STAGING}, pulls.base)
    verdict = pulls.judged({STAGING_PATH: STAGING.replace("app:v2.0.0", "app:v3.0.0")}, base=base)
    assert verdict.passes
    assert verdict.notes == (f"{STAGING_PATH.rpartition('/')[2]} supersedes {waiting}",)


RELEASED = "apps/payments/releases/prod/000001-0123456789abcdef.yaml"
APPLIED = (
    RECORD.replace("decision: refused", "decision: applied")
    .replace("reason: It sets replicas.", "reason: null")
    .replace("request: null", f"request: {{api_name: payments, target_image: '{APP}:v1.9.3'}}")
)


def applied(old: str, new: str) -> str:
    lines = []
    for line in APPLIED.splitlines():
        key = line.partition(":")[0]
        lines.append({"old_image": f"old_image: {APP}:{old}", "new_image": f"new_image: {APP}:{new}"}.get(key, line))
        if key == "slot":
            lines[-1] = "slot: [{deployment: payments, container: app}]"
    return "\n".join(lines) + "\n"


def test_to_go_back_is_a_rollback_and_says_so(pulls):
    base = pulls.commit({RELEASED: applied("v1.8.0", "v1.9.3")}, pulls.base)
    back = REQUEST.replace("app:v2.0.0", "app:v1.8.0")
    verdict = pulls.judged({REQUEST_PATH: back}, base=base)
    assert rules(verdict) == {"request-rollback-undeclared"}
    assert "rollback_of: 0123456789abcdef" in verdict.findings[0].hint
    assert pulls.judged({REQUEST_PATH: back + "rollback_of: 0123456789abcdef\n"}, base=base).passes


DIGEST = "@sha256:" + "ab" * 32


@pytest.mark.parametrize(("ran", "asked"), [("v1.8.0" + DIGEST, "v1.8.0"), ("v1.8.0", "v1.8.0" + DIGEST)])
def test_to_go_back_is_a_rollback_with_and_without_a_digest(pulls, ran, asked):
    base = pulls.commit({RELEASED: applied(ran, "v1.9.3")}, pulls.base)
    back = REQUEST.replace("app:v2.0.0", f"app:{asked}")
    assert rules(pulls.judged({REQUEST_PATH: back}, base=base)) == {"request-rollback-undeclared"}
    assert pulls.judged({REQUEST_PATH: back + "rollback_of: 0123456789abcdef\n"}, base=base).passes


def test_to_pin_what_runs_is_no_rollback(pulls):
    """It ran before, was replaced, and runs again."""
    base = pulls.commit({RELEASED: applied("v1.9.3", "v1.9.4")}, pulls.base)
    assert pulls.judged({REQUEST_PATH: REQUEST.replace("app:v2.0.0", "app:v1.9.3" + DIGEST)}, base=base).passes


def test_a_release_that_changes_more_is_refused(pulls):
    """The overlay has a replacement that copies the image elsewhere."""
    patch = '[{"op": "add", "path": "/metadata/annotations", "value": {"v": "x"}}]'
    patch = f"patches:\n  - target: {{kind: Deployment}}\n    patch: '{patch}'\n"
    copied = (
        "replacements:\n  - source: {kind: Deployment, fieldPath: spec.template.spec.containers.0.image}\n"
        "    targets: [{select: {kind: Deployment}, fieldPaths: [metadata.annotations.v]}]\n"
    )
    base = pulls.commit({PROD: files()[PROD] + patch + copied}, pulls.base)
    verdict = pulls.judged({REQUEST_PATH: REQUEST}, base=base)
    assert rules(verdict) == {"request-effects-elsewhere"}
    assert "metadata.annotations.v" in verdict.findings[0].message


def test_a_release_that_reaches_nobody_is_refused(pulls):
    """What Argo CD reads does not include the overlay."""
    generated = "generated/prod/apps/payments/kustomization.yaml"
    cut = files()[generated].replace("../../../../apps/payments/overlays/prod", "other.yaml")
    other = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"
    base = pulls.commit({generated: cut, generated.replace("kustomization", "other"): other}, pulls.base)
    verdict = pulls.judged({REQUEST_PATH: REQUEST}, base=base)
    assert rules(verdict) == {"request-effects-elsewhere"}
    assert "would change nothing" in verdict.findings[0].message


def test_a_request_that_a_build_would_read_is_seen(pulls):
    """An overlay that lists a request's file as a resource, which no rule permits, delivers what it says."""
    listing = "resources:\n  - ../../requests/prod/extra.yaml"
    extra = "apps/payments/requests/prod/extra.yaml"
    base = pulls.commit({PROD: files()[PROD].replace("resources:", listing)}, pulls.base)
    verdict = pulls.judged(
        {REQUEST_PATH: REQUEST, extra: "kind: Secret\napiVersion: v1\nmetadata: {name: x}\n"}, base=base
    )
    assert not verdict.passes
    assert rules(verdict) >= {"request-effects-elsewhere", "schema-invalid"}


def test_a_request_in_an_environment_that_nobody_declares_is_refused(pulls):
    verdict = pulls.judged({REQUEST_PATH.replace("/prod/", "/ghost/"): REQUEST})
    assert rules(verdict) == {"environment-unknown"}


def test_on_a_broken_base_nothing_is_accepted(pulls):
    """Rules that rest on the declarations cannot be judged while those are wrong."""
    broken = files()[METADATA].replace("port: 8080", "port: many")
    base = pulls.commit({METADATA: broken}, pulls.base)
    stealing = REQUEST.replace("namespace: payments", "namespace: kube-system")
    for text in (REQUEST, stealing):
        verdict = pulls.judged({REQUEST_PATH: text}, base=base)
        assert not verdict.passes
        assert "request-target-mismatch" in {skipped.rule for skipped in verdict.skipped}


# Records


@pytest.mark.parametrize(
    ("pinned", "way_out"), [("0.0.9", "has merged `onboard upgrade`"), ("99.0.0", "judge this by 99.0.0")]
)
@pytest.mark.parametrize("changes", [{REQUEST_PATH: REQUEST}, {CONFIG_PATH: "mode: other\n"}, {"README.md": "x"}])
def test_a_base_of_another_version_is_told_of_and_not_the_pull_request(tmp_path, changes, pinned, way_out):
    pulls = Pulls(tmp_path / "config.git", edited("platform.yaml", '"0.1.0"', f'"{pinned}"', files("L1")))
    verdict = pulls.judged(changes, KIM if "README.md" in changes else ALICE)
    assert not verdict.passes
    assert f"the base is made with version {pinned} of the tool" in verdict.notes[0]
    assert way_out in verdict.notes[0]


def test_a_pull_request_that_moves_the_base_to_this_version_is_not_told_of_it(tmp_path):
    pulls = Pulls(tmp_path / "config.git", edited("platform.yaml", '"0.1.0"', '"0.0.9"', files()))
    verdict = pulls.judged({"platform.yaml": files()["platform.yaml"]}, KIM)
    assert (verdict.passes, verdict.notes) == (True, ())


def test_a_revert_of_a_release_is_told_what_to_do_instead(pulls):
    text = applied("v1.8.0", "v1.9.3")
    path = next(line.partition(": ")[2] for line in text.splitlines() if line.startswith("request_path"))
    base = pulls.commit({RELEASED: text}, pulls.base)
    verdict = pulls.judged({RELEASED: None, path.strip("'\""): REQUEST}, base=base)
    found = [finding for finding in verdict.findings if finding.rule == "record-touched"]
    assert f"onboard request payments prod {APP}:v1.8.0 --rollback-of 0123456789abcdef" in found[0].hint


@pytest.mark.parametrize("author", [ALICE, KIM])
@pytest.mark.parametrize("content", [None, "edited"])
def test_nobody_touches_records(pulls, author, content):
    base = pulls.commit({RELEASED: APPLIED}, pulls.base)
    assert "record-touched" in rules(pulls.judged({RELEASED: content}, author, base=base))
    assert "record-touched" in rules(pulls.judged({RELEASED.replace("000001", "000002"): "forged"}, author, base=base))


# A team's own changes


@pytest.mark.parametrize("level", ["L0", "L1", "L2"])
def test_config_is_changed_from_l1_on(level):
    pulls = of_level(level)
    verdict = pulls.judged({CONFIG_PATH: "currency=USD\n"})
    assert verdict.passes is (level != "L0")
    if level == "L0":
        assert rules(verdict) == {"change-not-permitted"}
    else:
        assert verdict.headline == f"tenant change of payments at level {level}: accepted"
        assert "the pods of payments are replaced" in verdict.effects[0]


@pytest.mark.parametrize("level", ["L1", "L2"])
def test_bounds_and_resources_are_changed_from_l2_on(level):
    pulls = of_level(level)
    for path, old, new in ((HPA, "maxReplicas: 5", "maxReplicas: 6"), (DEPLOYMENT, "cpu: 100m", "cpu: 200m")):
        verdict = pulls.judged({path: files(level)[path].replace(old, new)})
        assert verdict.passes is (level == "L2")


def test_a_change_of_the_base_needs_who_approves_in_each_environment(at_l2):
    verdict = at_l2.judged({HPA: files()[HPA].replace("maxReplicas: 5", "maxReplicas: 4")})
    assert verdict.approvals == (TEAM_IN_STAGING, PLATFORM_IN_PROD)


def test_what_grows_above_the_quota_is_refused(at_l2):
    verdict = at_l2.judged({HPA: files()[HPA].replace("maxReplicas: 5", "maxReplicas: 11")})
    assert rules(verdict) == {"quota-exceeded"}
    assert "pods of 11" in verdict.findings[0].message
    assert rules(at_l2.judged({DEPLOYMENT: files()[DEPLOYMENT].replace("cpu: 100m", "cpu: 500m")})) == {
        "quota-exceeded"
    }


def test_what_lives_in_the_same_namespace_counts(tmp_path):
    """Five pods of each, and ten may be: one more is one too many, but one more where nobody else lives is not."""
    found = declared(files("L2")) | second_api("ledger")
    found = edited("apps/ledger/metadata.yaml", "{namespace: ledger,", "{namespace: payments,", found)
    found = edited("apps/ledger/overlays/prod/kustomization.yaml", "namespace: ledger", "namespace: payments", found)
    pulls = Pulls(tmp_path / "config.git", with_generated(found))
    more = {HPA: found[HPA].replace("maxReplicas: 5", "maxReplicas: 6")}
    verdict = pulls.judged(more)
    assert [finding.message for finding in verdict.findings] == [
        "prod would ask for pods of 6, and what else lives in its namespace asks for 5: the quota is 10"
    ]
    assert pulls.judged(more, base=pulls.commit(retired("ledger", found), pulls.base)).passes


NO_HASH = "    options: {disableNameSuffixHash: true}\n"


@pytest.mark.parametrize(
    ("theirs", "mine"),
    [
        (NO_HASH + "    literals: [a=b]\n", NO_HASH + "    files: [config/app.properties]\n"),
        ("    literals: [a=b]\n", "    literals: [a=b]\n"),
    ],
    ids=["without a hash", "with the same hash"],
)
def test_a_configuration_does_not_take_the_name_of_a_neighbours(tmp_path, theirs, mine):
    overlay = "apps/ledger/overlays/prod/kustomization.yaml"
    found = declared(files("L1")) | second_api("ledger")
    found = edited("apps/ledger/metadata.yaml", "{namespace: ledger,", "{namespace: payments,", found)
    found = edited(overlay, "namespace: ledger", "namespace: payments", found)
    alone = Pulls(tmp_path / "alone.git", with_generated(found))
    found[overlay] += f"configMapGenerator:\n  - name: settings\n{theirs}"
    pulls = Pulls(tmp_path / "config.git", with_generated(found))
    change = {PROD: found[PROD].replace("    files: [config/app.properties]\n", mine)}
    assert rules(pulls.judged(change)) == {"rendered-object-claimed-twice"}
    assert alone.judged(change).passes


def asking_for(first: str, other: str) -> dict[str, str]:
    """The files of an API at L2 with one more container, which starts before the other one."""
    found = declared(files("L2"))
    more = f"      initContainers:\n        - name: first\n          image: {APP}\n          {first}\n      containers:"
    found[DEPLOYMENT] = found[DEPLOYMENT].replace("      containers:", more)
    found[DEPLOYMENT] = found[DEPLOYMENT].replace("{requests: {cpu: 100m, memory: 64Mi}}", other)
    beside = f"app, image: {APP}}}\n      - {{name: first, image: {APP}}}"
    return with_generated(edited(METADATA, f"app, image: {APP}}}", beside, found))


@pytest.mark.parametrize(
    ("first", "before", "after", "passes"),
    [
        ("restartPolicy: Always", "{requests: {cpu: 100m}}", "{requests: {cpu: 200m}}", True),
        ("restartPolicy: Always", "{requests: {cpu: 100m}}", "{requests: {cpu: 201m}}", False),
        ("terminationMessagePath: /x", "{requests: {cpu: 100m}}", "{requests: {cpu: 400m}}", True),
        ("terminationMessagePath: /x", "{requests: {cpu: 100m}}", "{requests: {cpu: 401m}}", False),
        ("terminationMessagePath: /x", "{requests: {cpu: 100m}}", "{requests: {cpu: null}, limits: {cpu: 1}}", False),
    ],
)
def test_what_runs_at_once_counts_in_sum(tmp_path, first, before, after, passes):
    """Five pods, and two CPUs: 400m for each of them. A sidecar asks for half of it, and keeps running."""
    found = asking_for(f"{first}\n          resources: {{requests: {{cpu: 200m}}}}", before)
    pulls = Pulls(tmp_path / "config.git", found)
    verdict = pulls.judged({DEPLOYMENT: found[DEPLOYMENT].replace(before, after)})
    assert rules(verdict) == (set() if passes else {"quota-exceeded"})


@pytest.mark.parametrize(
    ("path", "old", "new", "rule"),
    [
        (PROD, "newTag: v1.9.3", "newTag: v2.0.0", "image-changed-outside-request"),
        (DEPLOYMENT, "acme/payments/app", "acme/payments/other", "image-changed-outside-request"),
        (DEPLOYMENT, "containerPort: 8080", "containerPort: 8081", "change-not-permitted"),
        (DEPLOYMENT, "          ports:", "          command: [sh]\n          ports:", "change-not-permitted"),
        (DEPLOYMENT, "cpu: 100m", "nvidia.com/gpu: 1", "change-not-permitted"),
        (DEPLOYMENT, "resources: {", "resources: {claims: [{name: gpu}], ", "change-not-permitted"),
        (DEPLOYMENT, "cpu: 100m", "cpu: -100m", "rendered-amount-invalid"),
        (DEPLOYMENT, "cpu: 100m", "cpu: lots", "rendered-amount-invalid"),
        (DEPLOYMENT, "cpu: 100m", "cpu: 1e999999999", "rendered-amount-invalid"),
        (DEPLOYMENT, "resources: {requests: {cpu: 100m", "resources: {limits: {cpu: 100", "quota-exceeded"),
        (DEPLOYMENT, "cpu: 100m, memory: 64Mi", "memory: 64Mi}, limits: {cpu: 3", "quota-exceeded"),
        (HPA, "minReplicas: 2", "minReplicas: 6", "rendered-bounds-crossed"),
        (HPA, "name: payments\n  min", "name: orders\n  min", "change-not-permitted"),
        (PROD, "configMapGenerator:", "namespace: kube-system\nconfigMapGenerator:", "change-not-permitted"),
        (PROD, CONFIG, "", "change-not-permitted"),
        (PROD, CONFIG, CONFIG + "  - name: more\n    literals: [a=b]\n", "change-not-permitted"),
        ("apps/payments/README.md", "", "x", "change-not-permitted"),
        (METADATA, "capability: L2", "capability: L3", "change-not-permitted"),
        (METADATA, "customer-a/payments", "customer-a/other", "change-not-permitted"),
        ("apps/orders/base/hpa.yaml", "maxReplicas: 5", "maxReplicas: 6", "change-not-permitted"),
        ("platform.yaml", "  L2: [", "  L2: [image, ", "change-not-permitted"),
        ("components/x/kustomization.yaml", "", "x", "change-not-permitted"),
        ("generated/prod/apps/payments/kustomization.yaml", "labels", "nolabels", "change-not-permitted"),
        ("exceptions.yaml", "", "x", "change-not-permitted"),
        (".github/CODEOWNERS", "", "* @mallory", "change-not-permitted"),
    ],
)
def test_what_no_level_permits(at_l2, path, old, new, rule):
    before = files("L2").get(path, "")
    assert old in before
    assert rule in rules(at_l2.judged({path: before.replace(old, new) if old else new}))


def test_the_level_is_that_of_the_base(pulls):
    raised = {METADATA: files("L2")[METADATA], CONFIG_PATH: "currency=USD\n"}
    assert "change-not-permitted" in rules(pulls.judged(raised))


def test_two_apis_are_two_pull_requests(tmp_path):
    both = dict(files("L2"))
    both["apps/orders/metadata.yaml"] = both["apps/orders/metadata.yaml"].replace("capability: L0", "capability: L2")
    pulls = Pulls(tmp_path / "config.git", both)
    changes = {
        path: both[path].replace("maxReplicas: 5", "maxReplicas: 4") for path in (HPA, "apps/orders/base/hpa.yaml")
    }
    assert rules(pulls.judged(changes)) == {"change-not-permitted"}
    assert all(pulls.judged({path: text}).passes for path, text in changes.items())


def test_a_request_that_waits_is_not_edited(pulls):
    base = pulls.commit({REQUEST_PATH: REQUEST}, pulls.base)
    for content in (None, REQUEST.replace("v2.0.0", "v6.6.6")):
        assert rules(pulls.judged({REQUEST_PATH: content}, base=base)) == {"change-not-permitted"}


def test_a_secret_is_refused_wherever_it_is_added(at_l2):
    token = "ghp_" + "aB3" * 12
    for change, author in (
        ({CONFIG_PATH: f"currency=EUR\ntoken={token}\n"}, ALICE),
        ({REQUEST_PATH: REQUEST.replace("new settlement rules", token)}, ALICE),
        ({"docs/setup.md": token}, KIM),
    ):
        verdict = at_l2.judged(change, author)
        assert [finding.rule for finding in verdict.findings] == ["secret-added"]
        assert token not in repr(verdict)


def test_a_secret_is_told_of_every_file_that_holds_it(pulls):
    paths = ["docs/a.md", "docs/b.md"]
    verdict = pulls.judged(dict.fromkeys(paths, "x\nghp_" + "aB3" * 12), KIM)
    assert [(finding.path, finding.line) for finding in verdict.findings] == [(path, 2) for path in paths]


def test_what_the_platform_team_says_is_no_secret_is_none(at_l2):
    change = {CONFIG_PATH: "token=ghp_" + "aB3" * 12}
    base = at_l2.commit(excepting("secret-added", CONFIG_PATH), at_l2.base)
    assert at_l2.judged(change, base=base).passes


# Platform changes


def test_the_platform_team_changes_what_the_whole_check_accepts(pulls):
    wider = files()["platform.yaml"].replace('pods: "10"', 'pods: "20"')
    changed = with_generated(
        {path: text for path, text in files().items() if "generated/" not in path} | {"platform.yaml": wider}
    )
    verdict = pulls.judged({path: text for path, text in changed.items() if files().get(path) != text}, KIM)
    assert (verdict.findings, verdict.skipped) == ((), ())
    assert verdict.headline == "platform change: accepted"
    assert verdict.approvals == (Approval("platform-team", 1, members=PLATFORM_IN_PROD.members),)


def test_a_platform_change_that_breaks_a_rule_is_refused(pulls):
    assert "generated-stale" in rules(pulls.judged({"generated/prod/apps/payments/kustomization.yaml": None}, KIM))
    moved = files()[METADATA].replace("/customer-a/payments", "/customer-a/orders")
    assert "route-claimed-twice" in rules(pulls.judged({METADATA: moved}, KIM))


def test_a_declaration_is_retired_not_deleted(pulls):
    verdict = pulls.judged({METADATA: None}, KIM)
    assert "declaration-deleted" in rules(verdict)
    assert any("onboard api retire payments" in finding.hint for finding in verdict.findings)


@pytest.mark.parametrize(("number", "told"), [(0, 0), (1, 1), (20, 20), (21, 21), (500, 21)])
def test_what_landed_beside_what_was_judged_is_told_and_counted(pulls, number, told):
    verdict = pulls.judged({REQUEST_PATH: REQUEST})
    more = {f"apps/payments/config/{index}.txt": "x" for index in range(number)}
    landed = pulls.commit({REQUEST_PATH: REQUEST, **more}, pulls.base, verdict.head)
    found = gating.landed(GitRepo.open(pulls.folder, bare=True), landed, verdict).findings
    assert [finding.rule for finding in found] == ["landed-otherwise"] * told
    if number == 500:
        assert "in 480 more files" in "".join(finding.message for finding in found)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("active", "removed", {"retirement-skipped"}),
        ("active", "retiring", set()),
        ("retiring", "removed", set()),
        ("retiring", "active", set()),
    ],
)
def test_an_api_is_retired_before_it_is_removed(pulls, before, after, expected):
    def at(lifecycle):
        found = {path: text for path, text in files().items() if "generated/" not in path}
        found[METADATA] = found[METADATA].replace("lifecycle: active", f"lifecycle: {lifecycle}")
        if lifecycle == "removed":
            found = {path: text for path, text in found.items() if not GONE.match(path)}
        return with_generated(found)

    def turned(old, new):
        return {path: new.get(path) for path in old.keys() | new.keys() if old.get(path) != new.get(path)}

    base = pulls.commit(turned(files(), at(before)), pulls.base)
    assert rules(pulls.judged(turned(at(before), at(after)), KIM, base=base)) == expected


def with_many(number: int, **more: str) -> dict[str, str]:
    """Many APIs, and a component that is part of all of them."""
    found = {path: text for path, text in good().items() if not path.startswith("apps/")}
    for index in range(number):
        found |= second_api(f"orders{index}")
    return (
        with_component("patches: [{target: {kind: Deployment}, path: patch.yaml}]\n", found, patch=GRACE.format(30))
        | more
    )


GRACE = '[{{"op": "add", "path": "/spec/template/spec/terminationGracePeriodSeconds", "value": {}}}]\n'
PATCH = "components/extra/patch.yaml"
GRANTED = """\
apiVersion: onboarding/v1
kind: RuleExceptions
exceptions:
  - {{rule: mass-change, path: platform.yaml, count: {}, reason: CHG, owner: platform-team, expiry: "{}"}}
"""


def test_what_reaches_very_many_apis_was_announced(tmp_path):
    pulls = Pulls(tmp_path / "config.git", with_many(11))
    verdict = pulls.judged({PATCH: GRACE.format(60)}, KIM)
    assert rules(verdict) == {"mass-change"}
    assert verdict.effects[0].startswith("11 APIs: ")
    announced = pulls.commit({"exceptions.yaml": GRANTED.format(22, TODAY)}, pulls.base)
    assert pulls.judged({PATCH: GRACE.format(60)}, KIM, base=announced).passes


def struck(objects: int, apis: int) -> Struck:
    found = Struck()
    found.objects, found.apis = objects, {str(number) for number in range(apis)}
    return found


@pytest.mark.parametrize(
    ("objects", "apis", "count", "expiry", "accepted"),
    [
        (50, 10, 0, TODAY, True),
        (51, 1, 0, TODAY, False),
        (11, 11, 0, TODAY, False),
        (22, 11, 22, TODAY, True),
        (22, 11, 21, TODAY, False),
        (22, 11, 22, "2026-11-19", False),
    ],
)
def test_an_announcement_says_how_much_and_ends(objects, apis, count, expiry, accepted):
    exceptions = {"exceptions.yaml": GRANTED.format(count, expiry)} if count else {}
    base = repo_of(good() | exceptions, today=TODAY)
    assert [finding.rule for finding in mass_change.check(base, struck(objects, apis))] == ["mass-change"] * (
        not accepted
    )


def test_who_announces_it_in_the_same_change_has_not_announced_it(tmp_path):
    pulls = Pulls(tmp_path / "config.git", with_many(11))
    changes = {PATCH: GRACE.format(60), "exceptions.yaml": GRANTED.format(99, "2027-01-01")}
    verdict = pulls.judged(changes, KIM)
    assert rules(verdict) == {"mass-change"}
    assert "22 objects of 11 APIs" in verdict.findings[0].message


# The merged result


def test_what_is_valid_alone_and_not_together_is_refused(pulls):
    """Both pull requests are valid; the one that comes second is judged on what the first one made."""
    first = pulls.commit({STAGING_PATH: STAGING}, pulls.base)
    second = pulls.commit({REQUEST_PATH: REQUEST}, pulls.base)
    bumped = pulls.commit({PROD: files()[PROD].replace("v1.9.3", "v1.9.4")}, first)
    assert pulls.verdict(second, base=first).passes
    assert rules(pulls.verdict(second, base=bumped)) == {"request-not-applicable"}


def test_a_conflict_and_an_empty_change_are_refused(pulls):
    base = pulls.commit({PROD: "x"}, pulls.base)
    assert rules(pulls.judged({PROD: "y"}, base=pulls.base)) != {"merge-conflict"}
    assert rules(pulls.verdict(pulls.commit({PROD: "y"}, pulls.base), base=base)) == {"merge-conflict"}
    assert rules(pulls.verdict(pulls.base)) == {"change-empty"}
    assert pulls.verdict(pulls.base).kind is Kind.NOTHING


def test_a_result_that_follows_a_guess_of_git_is_refused(at_l2):
    """main moved the file that the pull request edits; git would carry the edit to the new place."""
    text = files("L2")[DEPLOYMENT]
    base = at_l2.commit({DEPLOYMENT: None, DEPLOYMENT.replace("deployment", "workload"): text}, at_l2.base)
    head = at_l2.commit({DEPLOYMENT: text.replace("cpu: 100m", "cpu: 200m")}, at_l2.base)
    assert rules(at_l2.verdict(head, base=base)) == {"merge-depends-on-renames"}


def test_a_base_that_cannot_be_read_is_no_verdict(pulls):
    base = pulls.commit({"teams.yaml": "}"}, pulls.base)
    with pytest.raises(WorldError, match="cannot be read at the base"):
        pulls.judged({REQUEST_PATH: REQUEST}, base=base)
