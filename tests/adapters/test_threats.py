"""What a hostile pull request can try: each row is refused by the rule that is meant for it, and its near miss passes.

The commits are made by git's plumbing: git itself refuses next to none of them.
"""

from collections.abc import Mapping

import pytest

from onboarding_tool.errors import WorldError
from tests.support.pulls import (
    ALICE,
    CONFIG_PATH,
    DEPLOYMENT,
    HPA,
    METADATA,
    PROD,
    STAGING,
    STAGING_PATH,
    Odd,
    files,
    rules,
)
from tests.support.repos import REQUEST, REQUEST_PATH

Change = Mapping[str, "str | bytes | Odd | None"]
OTHER = REQUEST_PATH.replace("3f9c", "77aa")
ROLE = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: x}\n"
APP = "europe-docker.pkg.dev/acme/payments/app"
SYNC = "argocd.argoproj.io/sync-options"
BOMB = "a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n"


def asking(old: str = "", new: str = "", path: str = REQUEST_PATH) -> Change:
    """A request with one piece replaced."""
    assert old in REQUEST
    return {path: REQUEST.replace(old, new, 1) if old else REQUEST + new}


def editing(path: str, old: str, new: str) -> Change:
    """A change of a file of an API at L2."""
    text = files("L2").get(path, "")
    assert old in text
    return {path: text.replace(old, new, 1) if old else text + new}


def patching(kind: str, path: str, value: str) -> str:
    """A patch in an overlay, before its ConfigMaps."""
    lines = ("- op: replace", f"  path: {path}", f"  value: {value}")
    inner = "".join(f"\n      {line}" for line in lines)
    return f"patches:\n  - target: {{kind: {kind}}}\n    patch: |-{inner}\nconfigMapGenerator:"


def of_pod(field: str) -> Change:
    """One more field in the pods of an API at L2."""
    return editing(DEPLOYMENT, "      containers:", f"      {field}\n      containers:")


def beside(kind: str, version: str) -> Change:
    """One more object in the base of an API at L2."""
    listed = editing("apps/payments/base/kustomization.yaml", "- hpa.yaml", "- hpa.yaml\n  - more.yaml")
    text = f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: more}}\n"
    return {**listed, "apps/payments/base/more.yaml": text}


def moved(folder: str) -> Change:
    """The files of an API at L2 in another folder."""
    own = "apps/payments/"
    return {path.replace(own, folder): text for path, text in files("L2").items() if path.startswith(own)}


# What it tries, the change, the rule that must refuse it; and below, the near miss that passes.
REQUESTS: dict[str, tuple[Change, str]] = {
    "a path as the API's name": (asking("api_name: payments", "api_name: ../../platform"), "schema-invalid"),
    "another API's name": (asking("api_name: payments", "api_name: orders"), "request-target-mismatch"),
    "a symlink": ({REQUEST_PATH: Odd("120000", b"../../../../platform.yaml")}, "path-mode-forbidden"),
    "a submodule": ({REQUEST_PATH: Odd("160000", b"2" * 40)}, "submodule-added"),
    ".gitmodules": ({**asking(), ".gitmodules": "[submodule]"}, "submodule-added"),
    "an executable": ({REQUEST_PATH: Odd("100755", REQUEST.encode())}, "path-mode-forbidden"),
    "a direction override in the text": (asking("new settlement", "new \u202e settlement"), "yaml-invalid"),
    "a zero-width character": (asking("settlement", "settle\u200bment"), "yaml-invalid"),
    "a tag character": (asking("settlement", "settle\U000e0041ment"), "yaml-invalid"),
    "a NUL": (asking("settlement", "settle\0ment"), "yaml-invalid"),
    "a direction override in the name": (asking(path=REQUEST_PATH.replace("v2", "v\u202e2")), "file-unexpected"),
    "a newline in the name": (asking(path=REQUEST_PATH.replace("v2", "v\n::error::2")), "path-not-ascii"),
    "a command in the name": (asking(path=REQUEST_PATH.replace("v2", "$(id)")), "file-unexpected"),
    "a leading dash": (asking(path=REQUEST_PATH.replace("2026", "-2026")), "file-unexpected"),
    "other letters that look alike": (asking(path=REQUEST_PATH.replace("v2", "\u0475\u0032")), "file-unexpected"),
    "a huge file": (asking(new="#" * (1 << 20)), "change-too-large"),
    "very many files": ({REQUEST_PATH.replace("3f9c", f"{n:04x}"): REQUEST for n in range(21)}, "change-too-large"),
    "a byte order mark": ({REQUEST_PATH: "\ufeff" + REQUEST}, "request-not-plain"),
    "CRLF": ({REQUEST_PATH: REQUEST.replace("\n", "\r\n")}, "request-not-plain"),
    "a carriage return": ({REQUEST_PATH: REQUEST + "# a\r# b\n"}, "request-not-plain"),
    "no final newline": ({REQUEST_PATH: REQUEST.rstrip("\n")}, "request-not-plain"),
    "attributes that hide the diff": (
        {**asking(), "apps/payments/requests/.gitattributes": "* -diff"},
        "change-mixed",
    ),
    "an alias bomb": (asking(new=BOMB), "yaml-alias"),
    "a key twice": (asking("container: app", "container: app\ncontainer: other"), "yaml-duplicate-key"),
    "a tag": (asking("container: app", "container: !!python/name:os.system app"), "yaml-tag"),
    "a value that readers differ on": (asking("container: app", "container: no"), "yaml-ambiguous-scalar"),
    "a second document": (asking(new="---\nkind: ReleaseRequest\n"), "yaml-invalid"),
    "a field that is the platform's": (
        asking("container: app", "container: app\nreplicas: 50"),
        "request-field-forbidden",
    ),
    "a field that nobody knows": (asking("container: app", "container: app\nmemo: x"), "schema-invalid"),
    "another tenant's files": ({**asking(), "apps/orders/base/hpa.yaml": "x"}, "change-mixed"),
    "two APIs": ({**asking(), REQUEST_PATH.replace("payments", "orders"): REQUEST}, "change-mixed"),
    "rights for oneself": ({**asking(), "teams.yaml": "x"}, "change-mixed"),
    "workflows": ({**asking(), ".github/workflows/gate.yaml": "on: push"}, "change-mixed"),
    "a namespace of the platform": (asking("namespace: payments", "namespace: kube-system"), "request-target-mismatch"),
    "no tag": (asking("app:v2.0.0", "app"), "request-image-forbidden"),
    "a tag that moves": (asking("app:v2.0.0", "app:main"), "request-image-forbidden"),
    "another tenant's image": (asking("payments/app:v2.0.0", "orders/app:v2.0.0"), "request-target-mismatch"),
    "a registry that is not allowed": (
        asking("europe-docker.pkg.dev/acme/payments/app:v2", "docker.io/acme/app:v2"),
        "request-image-forbidden",
    ),
    "a registry that begins alike": (
        asking("acme/payments/app:v2", "acme-evil/payments/app:v2"),
        "request-image-forbidden",
    ),
    "another container": (asking("container: app", "container: proxy"), "request-target-mismatch"),
    "a stale base": (asking("app:v1.9.3", "app:v1.9.2"), "request-not-applicable"),
    "two for one slot": ({**asking(), **asking("v2.0.0", "v2.0.1", OTHER)}, "request-slot-asked-twice"),
    "a forged record": (
        {**asking(), "apps/payments/releases/prod/000001-0123456789abcdef.yaml": "x"},
        "record-touched",
    ),
    "an Argo CD override": ({**asking(), "apps/payments/overlays/prod/.argocd-source.yaml": "x"}, "change-mixed"),
    "an API twice by case": ({REQUEST_PATH.replace("payments", "Payments"): REQUEST}, "author-not-owner"),
}
TENANTS: dict[str, tuple[Change, str]] = {
    "a remote resource": (
        editing(PROD, "- ../../base", "- ../../base\n  - https://evil.example/x"),
        "kustomization-path-remote",
    ),
    "another tenant's folder": (
        editing(PROD, "- ../../base", "- ../../base\n  - ../../../orders/base"),
        "kustomization-path-escapes",
    ),
    "generators": (editing(PROD, "images:", "generators: [x.yaml]\nimages:"), "kustomization-field-forbidden"),
    "helm": (editing(PROD, "images:", "helmCharts: [{name: x}]\nimages:"), "kustomization-field-forbidden"),
    "a cluster role": (
        {
            **editing("apps/payments/base/kustomization.yaml", "- hpa.yaml", "- hpa.yaml\n  - role.yaml"),
            "apps/payments/base/role.yaml": ROLE,
        },
        "kind-forbidden",
    ),
    "a privileged pod": (
        editing(DEPLOYMENT, "- name: app", "- name: app\n          securityContext: {privileged: true}"),
        "pod-privileged",
    ),
    "an image by a patch": (
        editing(
            PROD,
            "configMapGenerator:",
            patching("Deployment", "/spec/template/spec/containers/0/image", "evil"),
        ),
        "image-changed-outside-request",
    ),
    "an image entry that renames": (
        editing(PROD, "newTag: v1.9.3", "newName: europe-docker.pkg.dev/acme/orders/app\n    newTag: v1.9.3"),
        "image-changed-outside-request",
    ),
    "a symlinked configuration": ({CONFIG_PATH: Odd("120000", b"/etc/passwd")}, "path-mode-forbidden"),
    "a link in place of the overlay": ({PROD: Odd("120000", b"../staging/kustomization.yaml")}, "path-mode-forbidden"),
    "the deletion of an overlay": ({PROD: None, CONFIG_PATH: None}, "change-not-permitted"),
    "the deletion of the API": ({METADATA: None}, "declaration-deleted"),
    "its own level": (editing(METADATA, "capability: L2", "capability: L9"), "change-not-permitted"),
    "its own owner": (editing(METADATA, "team: payments-team", "team: platform-team"), "change-not-permitted"),
    "a workload that is another API's": (
        editing(HPA, "kind: Deployment\n    name: payments", "kind: Deployment\n    name: orders"),
        "change-not-permitted",
    ),
    "more than the quota": (editing(HPA, "maxReplicas: 5", "maxReplicas: 5000"), "quota-exceeded"),
    "attributes": ({"apps/payments/.gitattributes": "* text=auto"}, "change-not-permitted"),
    "an API of one's own": (moved("apps/mine/"), "author-not-owner"),
    "an Ingress of one's own": (beside("Ingress", "networking.k8s.io/v1"), "change-not-permitted"),
    "a Secret": (beside("Secret", "v1"), "change-not-permitted"),
    "a folder of the node": (of_pod("volumes: [{name: h, hostPath: {path: /}}]"), "pod-privileged"),
    "an init container": (of_pod(f"initContainers: [{{name: i, image: {APP}}}]"), "change-not-permitted"),
    "a service account": (of_pod("serviceAccountName: admin"), "change-not-permitted"),
    "an annotation that steers Argo CD": (
        editing(DEPLOYMENT, "  name: payments", f"  annotations: {{{SYNC}: Replace=true}}\n  name: payments"),
        "argocd-annotation",
    ),
    "another API's label": (
        editing(DEPLOYMENT, "  labels:", "  labels:\n    platform/api-name: orders"),
        "ownership-label-foreign",
    ),
    "a Secret by a generator": (
        editing(PROD, "images:", "secretGenerator: [{name: x, literals: [a=b]}]\nimages:"),
        "kustomization-field-forbidden",
    ),
    "configuration out of another folder": (
        editing(PROD, "config/app.properties", "../../../../platform.yaml"),
        "kustomization-path-escapes",
    ),
    "configuration in another namespace": (
        editing(PROD, "- name: settings", "- namespace: kube-system\n    name: settings"),
        "kustomization-field-forbidden",
    ),
    "an environment of one's own": ({PROD.replace("prod", "ghost"): files("L2")[PROD]}, "change-not-permitted"),
    "attributes beside configuration": (
        {CONFIG_PATH.replace("app.properties", ".gitattributes"): "* -diff"},
        "file-unexpected",
    ),
    "a folder that grows without end": (
        {CONFIG_PATH.replace("app.", f"{number}."): "a=b\n" for number in range(199)},
        "change-too-large",
    ),
    "an amount that takes for ever to read": (
        editing(DEPLOYMENT, "cpu: 100m", "cpu: 1e999999999"),
        "rendered-amount-invalid",
    ),
    "a key that Kubernetes refuses": (
        editing(PROD, "config/app.properties", '"a b=config/app.properties"'),
        "rendered-config-map-invalid",
    ),
    "a bound that Kubernetes refuses": (editing(HPA, "minReplicas: 2", "minReplicas: -1"), "rendered-bounds-crossed"),
    "components": ({"components/x/kustomization.yaml": "x"}, "change-not-permitted"),
    "what Argo CD reads": ({"generated/prod/tenants/x.yaml": "x"}, "change-not-permitted"),
    "an exception": ({"exceptions.yaml": "x"}, "change-not-permitted"),
}
NEAR_MISSES: dict[str, Change] = {
    "as it should be": asking(),
    "with a comment": asking(new="# by hand\n"),
    "without what is optional": asking("expected_current: europe-docker.pkg.dev/acme/payments/app:v1.9.3\n", ""),
    "letters of other alphabets in the reason": asking("new settlement", "новые правила \u2713"),
    "a name of the greatest length": asking(path=f"apps/payments/requests/prod/{'a' * 80}.yaml"),
    "a digest": asking("app:v2.0.0", "app:v2.0.0@sha256:" + "ab" * 32),
    "one for each environment": {STAGING_PATH: STAGING, **asking()},
}  # fmt: skip
TENANTS_NEAR_MISSES: dict[str, Change] = {
    "configuration": {CONFIG_PATH: "currency=USD\n"},
    "one more key": editing(
        PROD, "files: [config/app.properties]", "files: [config/app.properties]\n    literals: [a=b]"
    ),
    "another key": editing(PROD, "config/app.properties", "other.properties=config/app.properties"),
    "bounds": editing(HPA, "maxReplicas: 5", "maxReplicas: 10"),
    "resources": editing(DEPLOYMENT, "cpu: 100m", "cpu: 150m"),
    "a limit that was not there": editing(DEPLOYMENT, "resources: {", "resources: {limits: {memory: 1Gi}, "),
    "resources by a patch": editing(
        PROD,
        "configMapGenerator:",
        patching("HorizontalPodAutoscaler", "/spec/maxReplicas", "7"),
    ),
}


@pytest.mark.parametrize("case", REQUESTS)
def test_a_hostile_request_is_refused_by_the_rule_that_is_meant(pulls, case):
    change, rule = REQUESTS[case]
    verdict = pulls.judged(change)
    assert rule in rules(verdict)
    assert not verdict.passes


@pytest.mark.parametrize("case", TENANTS)
def test_a_hostile_change_is_refused_by_the_rule_that_is_meant(at_l2, case):
    change, rule = TENANTS[case]
    verdict = at_l2.judged(change)
    assert rule in rules(verdict)
    assert not verdict.passes


@pytest.mark.parametrize("name", [b"..", b".git", b"\xff.yaml", b"a" * 300, b"x/../y.yaml"])
@pytest.mark.parametrize("mode", [b"100644", b"40000"])
def test_an_entry_that_no_index_takes_is_refused(pulls, mode, name):
    """git's index refuses most of these, and pushes a tree that has them."""
    content = pulls.blob(REQUEST.encode())
    if mode == b"40000":
        content = pulls.git("rev-parse", f"{pulls.base}:apps/payments/base")
    head = pulls.planted(pulls.base, "apps/payments/requests/prod", [(mode, name, content)])
    assert refused(pulls, head)


def refused(pulls, head):
    """By a verdict, or without one."""
    try:
        return not pulls.verdict(head, ALICE).passes
    except WorldError:
        return True


@pytest.mark.parametrize("case", NEAR_MISSES)
def test_a_request_that_only_looks_like_it_passes(pulls, case):
    assert rules(pulls.judged(NEAR_MISSES[case])) == set()


@pytest.mark.parametrize("case", TENANTS_NEAR_MISSES)
def test_a_change_that_only_looks_like_it_passes(at_l2, case):
    assert rules(at_l2.judged(TENANTS_NEAR_MISSES[case])) == set()


def test_a_tag_with_another_digest_than_the_one_that_staging_runs_is_refused(pulls):
    overlay = "apps/payments/overlays/staging/kustomization.yaml"
    one, other = ("sha256:" + pair * 32 for pair in ("ab", "cd"))
    text = files()[overlay].replace("newTag: v1.9.3", f"newTag: v2.0.0\n    digest: {one}")
    base = pulls.commit({overlay: text}, pulls.base)
    assert rules(pulls.judged(asking("app:v2.0.0", f"app:v2.0.0@{one}"), base=base)) == set()
    found = rules(pulls.judged(asking("app:v2.0.0", f"app:v2.0.0@{other}"), base=base))
    assert "request-digest-disagrees" in found


def test_a_commit_that_hides_what_came_in_between_is_judged_by_its_result(pulls):
    """What a branch adds and takes away again is not in the result; what it brings back is."""
    first = pulls.commit({"platform.yaml": "x", REQUEST_PATH: REQUEST}, pulls.base)
    clean = pulls.commit({"platform.yaml": files()["platform.yaml"]}, first)
    assert pulls.verdict(clean, ALICE).passes
    assert rules(pulls.verdict(first, ALICE)) == {"change-mixed"}
