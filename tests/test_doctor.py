"""Each result of `onboard doctor`, in a world where it is ok and in one where it is not."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from onboarding_tool import report_doctor
from onboarding_tool.doctor import Result, Status, examine
from onboarding_tool.doctor.of_git import same_address, shown
from onboarding_tool.doctor.seen import Entry, Rights, Unseen, World
from onboarding_tool.findings import Finding
from tests.support.repos import edited, good, repo_of
from tests.support.worlds import OTHER, REFS, URL, argocd, clone, cluster, remote, roots, world

GONE = Unseen("it is gone", "look again")
KUBECTL = "kubectl --context gke-staging -n argocd"
FOLLOW = frozenset({"list", "watch"})
MAIN = "refs/heads/main"


def results(seen: World, *edits: str, findings: tuple[Finding, ...] = ()) -> list[Result]:
    """`edits`: pairs of what stands in platform.yaml and what replaces it; what is applied is generated from that."""
    files = good()
    for old, new in zip(edits[::2], edits[1::2], strict=True):
        files = edited("platform.yaml", old, new, files)
    if seen.argocd.roots == roots():
        seen = replace(seen, argocd=replace(seen.argocd, roots=roots(files["platform.yaml"])))
    repo = repo_of(files)
    return examine(repo, findings, list(repo.platform.environments.values()), seen)


def wrong(found: list[Result]) -> list[Result]:
    return [result for result in found if result.status is not Status.OK]


def names(found: list[Result], status: Status) -> set[tuple[str, str]]:
    return {(result.name, result.subject) for result in found if result.status is status}


def prod(**changes: Any) -> World:
    """With another cluster gke-prod."""
    return world(clusters={"gke-staging": cluster("staging"), "gke-prod": cluster("prod", **changes)})


def origin(**changes: Any) -> World:
    return world(clone=clone(origin=remote(**changes)))


def argo(**changes: Any) -> World:
    return world(argocd=argocd(**changes))


def settings(key: str, value: str) -> World:
    return argo(settings={key: value})


def applied(**changes: Any) -> World:
    """With another root of prod."""
    return argo(roots=roots() | {"prod": replace(roots()["prod"], **changes)})


def serving(target: str, name: str) -> tuple[str, str]:
    """The edit of platform.yaml that makes this the entry of prod."""
    entry = "host: api.platform.example, target: {}, class: {}"
    return entry.format("ingress-nginx", "nginx"), entry.format(target, name)


def patch(what: str, change: str) -> str:
    return f"{KUBECTL} patch {what} --type merge -p '{change}'"


# A good world


def test_in_a_good_world_everything_is_ok_and_nothing_is_said():
    found = results(world())
    assert {(result.status, result.message, result.fix) for result in found} == {(Status.OK, "", "")}
    assert len({(result.name, result.subject) for result in found}) == len(found) == 48


def test_only_what_the_wanted_environments_need_is_judged():
    repo = repo_of(good())
    seen = replace(world(), clusters={"gke-prod": cluster("prod")})
    subjects = {result.subject for result in examine(repo, [], [repo.platform.environments["prod"]], seen)}
    assert subjects == {"tool", "git", "origin", "argocd", "kubeconfig", "cluster gke-prod", "environment prod"}


SPEC = roots()["prod"].application["spec"]
GOOD = {
    "the address over ssh": (origin(urls=("git@git.example:acme/onboarding-config.git",) * 2), ()),
    "an address that git rewrites": (origin(urls=("config:", URL)), ()),
    "an address that git rewrites to a mirror": (origin(urls=(URL, "https://mirror.example/config")), ()),
    "a newer git": (world(git="3.0.1"), ()),
    "a tag that is there": (
        origin(refs={**REFS, "refs/tags/v1": OTHER}),
        ("cluster: gke-prod\n", "cluster: gke-prod\n    revision: refs/tags/v1\n"),
    ),
    "no project default": (argo(default_project=None), ()),
    "build options that weaken nothing": (
        settings(
            "kustomize.buildOptions", "--load-restrictor LoadRestrictionsRootOnly --enable-helm=false --network-name x"
        ),
        (),
    ),
    "tracking by annotation and label": (settings("application.resourceTrackingMethod", "annotation+label"), ()),
    "its own cluster, said": (settings("cluster.inClusterEnabled", "true"), ()),
    "an image of a private registry": (argo(images={"argocd-repo-server": "reg:5000/a:3.5.9-acme@sha256:0"}), ()),
    "one image without a version": (
        argo(images={"argocd-application-controller": "a:v3.5.1", "argocd-repo-server": "a@sha256:0"}),
        (),
    ),
    "the version of what renders, while Argo CD is upgraded": (
        argo(images={"argocd-application-controller": "a:v3.4.0", "argocd-repo-server": "a:v3.5.1"}),
        (),
    ),
    "patch, where the pipeline asks for a refresh": (
        argo(rights=FOLLOW | {"patch"}),
        ("registries:", "argocd: {refresh: true}\nregistries:"),
    ),
    "in-cluster, which nobody registers": (
        replace(
            argo(registered=("gke-staging",)),
            clusters={"gke-staging": cluster("staging"), "in-cluster": cluster("prod")},
            contexts=("gke-staging", "here"),
        ),
        (
            "gke-prod: {context: gke-prod}",
            "in-cluster: {context: here}",
            "cluster: gke-prod",
            "cluster: in-cluster",
        ),
    ),
    "a Gateway in its namespace": (prod(entries={"prod": Entry(True, ("edge/a",))}), serving("gateway", "edge/a")),
    "a Gateway wherever it is": (prod(entries={"prod": Entry(True, ("edge/a",))}), serving("gateway", "a")),
    "GKE's class, where it has an object": (prod(entries={"prod": Entry(True, ("gce",))}), serving("gce", "gce")),
    "what Argo CD adds to what was applied": (applied(application={"spec": {**SPEC, "ignoreDifferences": []}}), ()),
}


@pytest.mark.parametrize(("seen", "edits"), GOOD.values(), ids=GOOD)
def test_this_is_ok_too(seen, edits):
    assert wrong(results(seen, *edits)) == []


# One thing wrong: what is seen, the edits of platform.yaml, the one result that is not ok, words of it and of its fix

PIN = ("cluster: gke-prod\n", "cluster: gke-prod\n    revision: refs/tags/v1\n")
REFRESH = ("registries:", "argocd: {refresh: true}\nregistries:")
HELM = settings("kustomize.buildOptions", "--enable-helm --helm-command helm3")
RESTRICTOR = settings("kustomize.buildOptions", "--load-restrictor LoadRestrictionsNone")
BAD = [
    # tool
    (world(renderer=GONE), (), "renderer-missing tool problem", "it is gone", "look again"),
    (world(), ('"0.1.0"', '"0.0.9"'), "tool-version-mismatch tool problem", "'0.0.9'", "`onboard upgrade`"),
    (
        argo(images={"argocd-repo-server": "a:v3.2.11"}),
        ("registries:", 'kustomize: "5.7"\nargocd: {version: "3.2"}\nregistries:'),
        "kustomize-version-mismatch tool problem",
        "Argo CD renders with kustomize 5.7",
        "onboarding-tool that carries 5.7",
    ),
    (
        world(
            clusters={"gke-staging": cluster("staging", version="1.29"), "gke-prod": cluster("prod", version="1.29")}
        ),
        ("registries:", 'kubernetes: "1.29"\nregistries:'),
        "kubernetes-schemas-missing tool warning",
        "Kubernetes 1.29",
        "It knows 1.30, ",
    ),
    # git
    (world(git="2.37.7"), (), "git-outdated git warning", "git is 2.37.7", "2.38"),
    (world(clone=clone(has_identity=False)), (), "git-identity-missing git problem", "who you are", "config --global"),
    (
        world(clone=clone(prefix="team a/config/")),
        (),
        "config-repo-not-at-root git problem",
        "lies in team a/config/",
        "git subtree split --prefix='team a/config' -b config",
    ),
    (world(clone=clone(branch=None)), (), "git-head-detached git warning", "HEAD is detached", "git switch main"),
    (world(clone=clone(is_shallow=True)), (), "git-clone-shallow git warning", "shallow", "git fetch --unshallow"),
    # origin
    (
        origin(urls=("https://bot:hunter2@git.example/acme/other?token=hunter2",) * 2),
        (),
        "remote-url-mismatch origin problem",
        "`origin` is https://git.example/acme/other, and Argo CD reads https://git.example/acme/onboarding-config.git",
        "git remote set-url origin https://git.example/acme/onboarding-config.git",
    ),
    (
        origin(default="refs/heads/master"),
        (),
        "remote-default-branch-other origin warning",
        "pull requests go to master",
        "Make main the default branch",
    ),
    (origin(default=""), (), "remote-default-branch-other origin unknown", "does not say", ""),
    (
        origin(refs={**REFS, MAIN: OTHER}, steps=None),
        (),
        "main-out-of-step origin warning",
        "behind that of `origin`",
        "git pull --ff-only",
    ),
    (
        origin(refs={**REFS, MAIN: OTHER}, steps=(0, 2)),
        (),
        "main-out-of-step origin warning",
        "main is 2 commits behind",
        "git pull --ff-only",
    ),
    (
        origin(refs={**REFS, MAIN: OTHER}, steps=(1, 0)),
        (),
        "main-out-of-step origin warning",
        "1 commit that `origin` does not have",
        "git push origin main",
    ),
    (
        origin(refs={**REFS, MAIN: OTHER}, steps=(1, 2)),
        (),
        "main-out-of-step origin warning",
        "1 commit here, 2 there",
        "git pull --rebase origin main",
    ),
    (world(clone=clone(main="")), (), "main-out-of-step origin unknown", "no local branch main", ""),
    (
        world(),
        PIN,
        "revision-missing environment prod problem",
        "refs/tags/v1, which `origin` does not have",
        "git push origin refs/tags/v1",
    ),
    # clusters
    (
        prod(version="1.35"),
        (),
        "kubernetes-version-mismatch cluster gke-prod problem",
        "runs Kubernetes 1.35, and `onboard check` judges objects for 1.36",
        'Write `kubernetes: "1.35"`',
    ),
    (prod(version="1.100"), (), "kubernetes-version-mismatch cluster gke-prod warning", "1.100", "the oldest"),
    (
        argo(registered=("gke-staging", "gke-prd")),
        (),
        "cluster-unregistered cluster gke-prod problem",
        "no cluster gke-prod, which Applications name, but gke-prd, gke-staging and in-cluster",
        "argocd cluster add gke-prod --name gke-prod",
    ),
    (
        argo(registered=("gke-staging", "gke-prod", "gke-prod")),
        (),
        "cluster-registered-twice cluster gke-prod problem",
        "2 Secrets",
        f"{KUBECTL} get secrets -l argocd.argoproj.io/secret-type=cluster",
    ),
    # environments
    (
        prod(entries={"prod": Entry(True, ("internal", "traefik"))}),
        (),
        "ingress-class-missing environment prod problem",
        "no IngressClass nginx",
        "The cluster has internal and traefik.",
    ),
    (
        prod(entries={"prod": Entry(True)}),
        serving("gce", "gce"),
        "ingress-class-missing environment prod unknown",
        "GKE serves Ingresses of its own class without an IngressClass",
        "",
    ),
    (
        prod(entries={"prod": Entry(False)}),
        serving("gateway", "edge/main"),
        "gateway-missing environment prod problem",
        "does not know the Gateway API",
        "Install its CRDs",
    ),
    (
        prod(entries={"prod": Entry(True, ("other/main", "edge/other"))}),
        serving("gateway", "edge/main"),
        "gateway-missing environment prod problem",
        "no Gateway edge/main",
        "The cluster has other/main and edge/other.",
    ),
    (
        prod(rights={"prod": Rights((("list", "pods", "a"), ("watch", "pods", "a"), ("list", "pods", "b")), 10, 12)}),
        (),
        "rights-missing environment prod problem",
        "may not list pods and watch pods in a and b (10 of 12 namespaces asked)",
        "docs/platform-team.md",
    ),
    (
        applied(project=None),
        (),
        "root-not-applied environment prod problem",
        "the AppProject onboarding-prod is missing",
        f"{KUBECTL} apply -f generated/root/prod.yaml",
    ),
    (
        applied(project=None, application=None),
        (),
        "root-not-applied environment prod problem",
        "the AppProject and the Application onboarding-prod are missing",
        f"{KUBECTL} apply -f generated/root/prod.yaml",
    ),
    (
        applied(application={"spec": {**SPEC, "source": {**SPEC["source"], "path": "old"}}}),
        (),
        "root-not-applied environment prod warning",
        "not as it is generated now",
        f"onboard generate\n{KUBECTL} apply -f generated/root/prod.yaml",
    ),
    (
        applied(project={"spec": {**roots()["prod"].project["spec"], "destinations": []}}),
        (),
        "root-not-applied environment prod warning",
        "not as it is generated now",
        "onboard generate",
    ),
    # Argo CD
    (
        argo(has_namespace=False),
        (),
        "argocd-namespace-missing argocd problem",
        "there is no namespace argocd",
        "--argocd-context",
    ),
    (argo(has_kinds=False), (), "argocd-crds-missing argocd problem", "no Applications", "--argocd-context"),
    (
        argo(images={"argocd-repo-server": "quay.io/argoproj/argocd:v3.4.2"}),
        (),
        "argocd-version-mismatch argocd problem",
        "it is version 3.4, and Applications are generated for 3.5",
        'Write "3.4"',
    ),
    (
        argo(images={"argocd-repo-server": "a:v3.9.0"}),
        ("registries:", 'argocd: {version: "3.9"}\nregistries:'),
        "argocd-kustomize-mismatch argocd unknown",
        "which kustomize Argo CD 3.9 brings",
        f"{KUBECTL} exec deployment/argocd-repo-server -- kustomize version",
    ),
    (
        argo(images={"argocd-repo-server": "a:v3.1.0"}),
        ("registries:", 'argocd: {version: "3.1"}\nregistries:'),
        "argocd-kustomize-mismatch argocd problem",
        "renders with kustomize 5.7, and platform.yaml says 5.8",
        'Write `kustomize: "5.7"`',
    ),
    (
        HELM,
        (),
        "argocd-build-options-unsafe argocd problem",
        "--enable-helm in kustomize.buildOptions: an overlay fetches and runs charts",
        patch("configmap argocd-cm", '{"data": {"kustomize.buildOptions": "--helm-command helm3"}}'),
    ),
    (
        RESTRICTOR,
        (),
        "argocd-build-options-unsafe argocd problem",
        "LoadRestrictionsNone in kustomize.buildOptions: an overlay reads files of other tenants",
        '{"data": {"kustomize.buildOptions": null}}',
    ),
    *(
        (
            settings("kustomize.buildOptions.5.8", f"--stack-trace {flag}"),
            (),
            "argocd-build-options-unsafe argocd problem",
            f"{flag} in kustomize.buildOptions.5.8",
            '{"data": {"kustomize.buildOptions.5.8": "--stack-trace"}}',
        )
        for flag in (
            "--load_restrictor=none",
            "--enable-alpha-plugins",
            "--enable-exec",
            "--network",
            "--enable-helm=true",
        )
    ),
    *(
        (settings(key, "/x"), (), "argocd-kustomize-replaced argocd warning", f"({key})", "Delete them")
        for key in ("kustomize.path.v5.0.0", "kustomize.version.v5.0.0")
    ),
    (
        settings("application.resourceTrackingMethod", "label"),
        (),
        "argocd-tracking-by-label argocd warning",
        "app.kubernetes.io/instance",
        '{"data": {"application.resourceTrackingMethod": "annotation"}}',
    ),
    (
        settings("cluster.inClusterEnabled", "false"),
        (),
        "argocd-in-cluster-disabled argocd problem",
        "does not deploy to its own cluster",
        '{"data": {"cluster.inClusterEnabled": "true"}}',
    ),
    *(
        (
            argo(default_project={"spec": spec}),
            (),
            "argocd-project-default-open argocd problem",
            "the AppProject `default` is open",
            patch("appproject default", '{"spec": {"sourceRepos": [], "destinations": []}}'),
        )
        for spec in ({"sourceRepos": ["*"], "destinations": []}, {"destinations": [{"namespace": "*", "server": "*"}]})
    ),
    (
        argo(rights=frozenset({"get"})),
        (),
        "argocd-rights-missing argocd problem",
        "you may not list and watch Applications in argocd, so `onboard wait` cannot follow a release",
        "docs/platform-team.md",
    ),
    (world(), REFRESH, "argocd-rights-missing argocd problem", "may not patch", "docs/platform-team.md"),
    (
        argo(rights=FOLLOW | {"create", "delete"}),
        (),
        "argocd-rights-excessive argocd warning",
        "you may create and delete Applications in argocd",
        "docs/platform-team.md",
    ),
    (
        argo(rights=FOLLOW | {"patch"}),
        (),
        "argocd-rights-excessive argocd warning",
        "you may patch",
        "if you are a person",
    ),
    (argo(rights=FOLLOW | {"update", "*"}), (), "argocd-rights-excessive argocd warning", "you may do everything", ""),
]


@pytest.mark.parametrize(("seen", "edits", "which", "said", "fix"), BAD, ids=[case[2] for case in BAD])
def test_this_and_nothing_else_is_wrong(seen, edits, which, said, fix):
    [result] = wrong(results(seen, *edits))
    assert f"{result.name} {result.subject} {result.status}" == which
    assert said in result.message
    assert fix in result.fix


def test_every_check_is_seen_to_fail():
    alone = {case[2].split()[0] for case in BAD}
    further = {"config-repo-broken", "git-missing", "git-repository-missing", "kubeconfig-unusable", "context-missing"}
    further |= {"cluster-unreachable", "remote-missing", "remote-unreachable", "remote-main-missing"}
    assert {result.name for result in results(world(), *PIN)} == (alone | further) - {"gateway-missing"}


def test_the_documentation_names_every_check():
    page = (Path(__file__).resolve().parent.parent / "docs/platform-team.md").read_text(encoding="utf-8")
    table = page.partition("| name | what is wrong |")[2].partition("###")[0]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    told = [name for cell in cells for name in re.findall("`([a-z-]+)`", cell)]
    assert len(told) == len(set(told))
    assert set(told) == {result.name for result in results(world(), *PIN)} | {"gateway-missing"}


# What hides other things: one problem, and what stands on it is unknown

ON_CLONE = {
    ("git-identity-missing", "git"),
    ("config-repo-not-at-root", "git"),
    ("git-head-detached", "git"),
    ("git-clone-shallow", "git"),
    ("remote-missing", "origin"),
}
ON_REFS = {("remote-main-missing", "origin"), ("remote-default-branch-other", "origin"), ("main-out-of-step", "origin")}
ON_REMOTE = {("remote-url-mismatch", "origin"), ("remote-unreachable", "origin"), *ON_REFS}


def test_without_git_nothing_of_it_is_known():
    found = results(world(git=GONE, clone=GONE))
    assert names(found, Status.PROBLEM) == {("git-missing", "git")}
    known = {("git-outdated", "git"), ("git-repository-missing", "git"), *ON_CLONE, *ON_REMOTE}
    assert names(found, Status.UNKNOWN) == known
    assert {result.message for result in wrong(found)} == {"it is gone"}


def test_without_a_repository():
    found = results(world(clone=GONE))
    assert names(found, Status.PROBLEM) == {("git-repository-missing", "git")}
    assert names(found, Status.UNKNOWN) == ON_CLONE | ON_REMOTE


def test_without_a_remote():
    found = results(world(clone=clone(origin=None)), *PIN)
    [problem] = [result for result in found if result.status is Status.PROBLEM]
    assert (problem.name, problem.fix) == ("remote-missing", f"git remote add origin {URL}\ngit push -u origin main")
    assert names(found, Status.UNKNOWN) == ON_REMOTE | {("revision-missing", "environment prod")}


def test_a_remote_that_does_not_answer():
    found = results(origin(refs=GONE), *PIN)
    assert names(found, Status.PROBLEM) == {("remote-unreachable", "origin")}
    assert names(found, Status.UNKNOWN) == ON_REFS | {("revision-missing", "environment prod")}


def test_a_remote_that_is_empty():
    found = results(origin(refs={}, default=""))
    [problem] = [result for result in found if result.status is Status.PROBLEM]
    assert (problem.name, problem.fix) == ("remote-main-missing", "git push -u origin main")
    assert names(found, Status.UNKNOWN) == ON_REFS - {("remote-main-missing", "origin")}


def unknown_prod() -> World:
    return prod(version=GONE, entries={"prod": GONE}, rights={"prod": GONE})


ON_PROD = {
    ("kubernetes-version-mismatch", "cluster gke-prod"),
    ("ingress-class-missing", "environment prod"),
    ("rights-missing", "environment prod"),
}


def test_a_cluster_that_does_not_answer_hides_no_other():
    found = results(unknown_prod())
    assert names(found, Status.PROBLEM) == {("cluster-unreachable", "cluster gke-prod")}
    assert names(found, Status.UNKNOWN) == ON_PROD


def test_a_context_that_is_missing():
    found = results(replace(unknown_prod(), contexts=("gke-staging", "gke-prd")))
    [problem] = [result for result in found if result.status is Status.PROBLEM]
    assert (problem.name, problem.subject) == ("context-missing", "cluster gke-prod")
    assert problem.message == "the kubeconfig has no context 'gke-prod'"
    assert problem.fix.startswith("Did you mean 'gke-prd'? ")
    assert problem.fix.endswith("The kubeconfig has gke-prd and gke-staging.")
    assert names(found, Status.UNKNOWN) == ON_PROD | {("cluster-unreachable", "cluster gke-prod")}


def test_no_context_for_argocd():
    found = results(replace(argo(context="", **dict.fromkeys(ARGOCD, GONE), roots={"staging": GONE, "prod": GONE})))
    [problem] = [result for result in found if result.status is Status.PROBLEM]
    assert (problem.name, problem.subject) == ("context-missing", "argocd")
    assert problem.message == "no context is known that reaches it"
    assert "--argocd-context" in problem.fix


ARGOCD = ("version", "has_namespace", "has_kinds", "images", "settings", "default_project", "registered", "rights")


def test_an_argocd_that_does_not_answer():
    found = results(argo(**dict.fromkeys(ARGOCD, GONE), roots={"staging": GONE, "prod": GONE}))
    assert names(found, Status.PROBLEM) == {("cluster-unreachable", "argocd")}
    unknown = names(found, Status.UNKNOWN)
    assert {subject for _, subject in unknown} == {
        "argocd",
        "cluster gke-staging",
        "cluster gke-prod",
        "environment staging",
        "environment prod",
    }
    assert {name for name, subject in unknown if subject != "argocd"} == {
        "cluster-unregistered",
        "cluster-registered-twice",
        "root-not-applied",
    }


def test_without_a_kubeconfig_that_is_the_one_problem():
    nothing = dict.fromkeys(ARGOCD, GONE) | {"roots": {"staging": GONE, "prod": GONE}}
    silent = {
        f"gke-{name}": cluster(name, version=GONE, entries={name: GONE}, rights={name: GONE})
        for name in ("staging", "prod")
    }
    found = results(replace(argo(context="", **nothing), contexts=GONE, clusters=silent))
    assert names(found, Status.PROBLEM) == {("kubeconfig-unusable", "kubeconfig")}
    ok = {subject for _, subject in names(found, Status.OK)}
    assert ok == {"tool", "git", "origin"}


def test_secrets_that_may_not_be_listed_are_unknown_not_wrong():
    found = results(argo(registered=GONE))
    assert {result.status for result in wrong(found)} == {Status.UNKNOWN}
    assert {result.name for result in wrong(found)} == {"cluster-unregistered", "cluster-registered-twice"}


def test_a_version_that_is_not_to_be_seen_is_unknown():
    for images in ({}, {"argocd-repo-server": "argocd:latest"}):
        found = results(argo(images=images))
        assert names(found, Status.UNKNOWN) == {
            ("argocd-version-mismatch", "argocd"),
            ("argocd-kustomize-mismatch", "argocd"),
        }
        assert names(found, Status.PROBLEM) == set()


def test_broken_declarations_are_told_and_hide_nothing():
    finding = Finding("teams.yaml", 3, 1, "schema-invalid", "there is no `teams`", "Add it.")
    [result] = wrong(results(world(), findings=(finding,)))
    assert (result.name, result.subject, result.status) == ("config-repo-broken", "tool", Status.PROBLEM)
    assert "1 error" in result.message
    assert "teams.yaml:3:1: there is no `teams`" in result.message
    assert result.fix == "Add it. `onboard check` lists all."


def test_without_platform_yaml_only_what_does_not_depend_on_it_is_judged():
    repo = repo_of({"platform.yaml": "a: ["})
    found = examine(repo, [], [], replace(world(), clusters={}))
    assert {result.subject for result in found} == {"tool", "git", "origin"}
    unknown = {
        "tool-version-mismatch",
        "kustomize-version-mismatch",
        "kubernetes-schemas-missing",
        "remote-url-mismatch",
    }
    assert {name for name, _ in names(found, Status.UNKNOWN)} == unknown


# Addresses


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/acme/config.git",
        "https://github.com/acme/config",
        "https://github.com/acme/config/",
        "HTTPS://GitHub.com:443/Acme/config.git",
        "https://x-access-token:ghs_abc@github.com/acme/config.git",
        "https://user:p@ss@github.com/acme/config",
        "git@github.com:acme/config.git",
        "github.com:acme/config",
        "git@github.com:/acme/config.git",
        "ssh://git@github.com/acme/config.git",
        "ssh://git@github.com:22/acme/config",
        "git://github.com/acme/config.git",
    ],
)
def test_ways_to_one_repository(url):
    assert same_address(url, "https://github.com/acme/config.git")


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/acme/config2.git",
        "https://github.com/acme2/config.git",
        "https://gitlab.com/acme/config.git",
        "https://github.com:8443/acme/config.git",
        "https://evil.example/github.com/acme/config.git",
        "https://github.com@evil.example/acme/config.git",
        "git@evil.example:github.com/acme/config.git",
        "/acme/config",
        "file:///acme/config.git",
        "",
    ],
)
def test_other_repositories(url):
    assert not same_address(url, "https://github.com/acme/config.git")


def test_local_addresses():
    assert same_address("file:///srv/config.git", "/srv/config.git/")
    assert not same_address("file:///srv/config.git", "/srv/other.git")


@pytest.mark.parametrize(
    ("url", "harmless"),
    [
        ("https://bot:hunter2@git.example/a", "https://git.example/a"),
        ("https://ghp_token@git.example/a?x=hunter2", "https://git.example/a"),
        ("https://bot:p@ss:w@rd@git.example/a", "https://git.example/a"),
        ("ssh://git:hunter2@git.example/a", "ssh://git.example/a"),
        ("git@git.example:a", "git@git.example:a"),
    ],
)
def test_no_password_of_an_address_is_shown(url, harmless):
    assert shown(url) == harmless


# Reports

PROBLEM = Result("a-problem", "cluster x", Status.PROBLEM, "it broke", "mend it\nor buy another")
WARNING = Result("a-warning", "git", Status.WARNING, "hm", "")
UNKNOWN = [Result(name, "cluster x", Status.UNKNOWN, "nobody knows", "ask") for name in ("one", "two")]
FINE = Result("fine", "tool", Status.OK)
ALL = [FINE, WARNING, Result("good", "cluster x", Status.OK), PROBLEM, *UNKNOWN]


def test_text_groups_by_subject_the_worst_first():
    assert list(report_doctor.text(ALL)) == [
        "cluster x",
        "  problem  a-problem: it broke",
        "             mend it",
        "             or buy another",
        "  unknown  one, two: nobody knows",
        "             ask",
        "  ok       1 check",
        "git",
        "  warning  a-warning: hm",
        "tool",
        "  ok       1 check",
        "1 problem, 1 warning, 2 unknown, 2 ok.",
    ]


def test_text_names_what_is_ok_if_asked():
    assert "  ok       good" in list(report_doctor.text(ALL, verbose=True))


def test_text_in_color():
    lines = list(report_doctor.text([PROBLEM], color=True))
    assert lines[0] == "\033[1mcluster x\033[0m"
    assert lines[1] == "  \033[31mproblem\033[0m  a-problem: it broke"


def test_text_lets_nothing_of_the_world_reach_the_terminal():
    hostile = "a\x1b[2J\u202eb\nc"
    lines = list(report_doctor.text([Result("x", f"cluster {hostile}", Status.PROBLEM, hostile, hostile)]))
    assert "\x1b" not in "".join(lines)
    assert "\u202e" not in "".join(lines)
    assert lines[1] == "  problem  x: a\\u001b[2J\\u202eb c"


def test_json_has_the_order_of_the_checks():
    assert json.loads(report_doctor.json([FINE, PROBLEM])) == {
        "results": [
            {"name": "fine", "subject": "tool", "status": "ok", "message": "", "fix": ""},
            {
                "name": "a-problem",
                "subject": "cluster x",
                "status": "problem",
                "message": "it broke",
                "fix": "mend it\nor buy another",
            },
        ]
    }
