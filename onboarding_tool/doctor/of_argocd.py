"""Argo CD: what it is, how it is set, what it knows of this repo, and what may be done to it."""

import json
import re
import shlex
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from onboarding_tool import yamltext
from onboarding_tool.doctor.of_clusters import reached
from onboarding_tool.doctor.results import Result, Trouble, judged, problem, then, warning
from onboarding_tool.doctor.seen import Root, Seen, Unseen, Value, World
from onboarding_tool.generators import argocd as generated
from onboarding_tool.generators.layout import root_file
from onboarding_tool.generators.projects import IN_CLUSTER
from onboarding_tool.model import PLATFORM_FILE, Environment, Platform, mapping, sequence
from onboarding_tool.wording import listed

SUBJECT = "argocd"
# What each minor version of Argo CD brings: its hack/tool-versions.sh.
KUSTOMIZE = {"3.0": "5.6", "3.1": "5.7", "3.2": "5.7", "3.3": "5.8", "3.4": "5.8", "3.5": "5.8"}
TAG = re.compile(r":v?(\d+\.\d+)\.\d+")
BUILD_OPTIONS = "kustomize.buildOptions"
OTHER_KUSTOMIZE = ("kustomize.path.", "kustomize.version.")
LOAD_RESTRICTOR = re.compile(r"--load[-_]restrictor[=\s]\s*(\S+)")
RESTRICTED = ("LoadRestrictionsRootOnly", "rootOnly")
# Each opens what the rules about kustomizations close.
WEAKENING = {
    "--enable-helm": "an overlay fetches and runs charts from anywhere",
    "--enable-alpha-plugins": "an overlay runs programs",
    "--enable-exec": "an overlay runs programs",
    "--network": "what an overlay runs reaches the network",
}
TRACKING, IN_CLUSTER_ENABLED = "application.resourceTrackingMethod", "cluster.inClusterEnabled"
FOLLOW = ("list", "watch")
ADMIN = ("create", "update", "patch", "delete")
ELSEWHERE = "Is its cluster another one? Name that with --argocd-context, or as `in-cluster` below `clusters:`."
RIGHTS = "docs/platform-team.md lists the rights."


@dataclass(frozen=True, slots=True)
class Place:
    """Where Argo CD is."""

    context: str
    namespace: str

    def kubectl(self, *words: str) -> str:
        return shlex.join(("kubectl", "--context", self.context, "-n", self.namespace, *words))

    def patch(self, kind: str, name: str, change: Mapping[str, Any]) -> str:
        return self.kubectl("patch", kind, name, "--type", "merge", "-p", json.dumps(change))

    def set(self, data: Mapping[str, str | None]) -> str:
        """Change settings; None deletes one."""
        return self.patch("configmap", "argocd-cm", {"data": dict(data)})


def results(platform: Platform, environments: Sequence[Environment], world: World) -> Iterator[Result]:
    seen, place = world.argocd, Place(world.argocd.context, platform.argocd_namespace)
    yield from reached(SUBJECT, seen.context, world.contexts, seen.version, ELSEWHERE)
    yield judged("argocd-namespace-missing", SUBJECT, seen.has_namespace, partial(_namespace, place))
    yield judged("argocd-crds-missing", SUBJECT, seen.has_kinds, _kinds)
    version = then(seen.images, _version)
    yield judged("argocd-version-mismatch", SUBJECT, version, partial(_pinned, platform))
    yield judged(
        "argocd-kustomize-mismatch", SUBJECT, then(version, partial(_bundled, place)), partial(_kustomize, platform)
    )
    yield judged("argocd-build-options-unsafe", SUBJECT, seen.settings, partial(_build_options, place))
    yield judged("argocd-kustomize-replaced", SUBJECT, seen.settings, _replaced)
    yield judged("argocd-tracking-by-label", SUBJECT, seen.settings, partial(_tracking, place))
    yield judged("argocd-in-cluster-disabled", SUBJECT, seen.settings, partial(_in_cluster, place))
    yield judged("argocd-project-default-open", SUBJECT, seen.default_project, partial(_default, place))
    yield judged("argocd-rights-missing", SUBJECT, seen.rights, partial(_few_rights, platform))
    yield judged("argocd-rights-excessive", SUBJECT, seen.rights, partial(_many_rights, platform))
    for name in world.clusters:
        subject, context = f"cluster {name}", platform.clusters.get(name, name)
        yield judged("cluster-unregistered", subject, seen.registered, partial(_registered, name, context))
        yield judged("cluster-registered-twice", subject, seen.registered, partial(_twice, place, name))
    for environment in environments:
        apply = place.kubectl("apply", "-f", root_file(environment.name))
        subject, judge = f"environment {environment.name}", partial(_root, platform, environment, apply)
        yield judged("root-not-applied", subject, seen.roots[environment.name], judge)


def _namespace(place: Place, there: bool) -> Trouble | None:
    if there:
        return None
    message = f"there is no namespace {place.namespace} in its cluster"
    return problem(message, f"Correct `argocd: namespace:` in {PLATFORM_FILE}. {ELSEWHERE}")


def _kinds(there: bool) -> Trouble | None:
    if there:
        return None
    message = "its cluster knows no Applications and AppProjects of argoproj.io/v1alpha1"
    return problem(message, f"Install Argo CD there. {ELSEWHERE}")


def _version(images: Mapping[str, str]) -> Seen[str]:
    """Of the repo-server, which renders; else of the controller."""
    if not images:
        return Unseen("neither its controller nor its repo-server was found, so its version is not known")
    found = {workload: TAG.search(image) for workload, image in images.items()}
    known = [match[1] for _, match in sorted(found.items(), reverse=True) if match]
    return known[0] if known else Unseen(f"the image {next(iter(images.values()))} does not tell its version")


def _pinned(platform: Platform, version: str) -> Trouble | None:
    if version == platform.argocd_version:
        return None
    message = f"it is version {version}, and Applications are generated for {platform.argocd_version}"
    return problem(message, f'Write "{version}" as `argocd: version:` into {PLATFORM_FILE}, then `onboard generate`.')


def _bundled(place: Place, version: str) -> Seen[str]:
    fix = place.kubectl("exec", "deployment/argocd-repo-server", "--", "kustomize", "version")
    return KUSTOMIZE.get(version) or Unseen(f"it is not known here which kustomize Argo CD {version} brings", fix)


def _kustomize(platform: Platform, version: str) -> Trouble | None:
    if version == platform.kustomize:
        return None
    message = f"it renders with kustomize {version}, and {PLATFORM_FILE} says {platform.kustomize}"
    return problem(
        message, f'Write `kustomize: "{version}"`, and use the version of onboarding-tool that carries that.'
    )


def _build_options(place: Place, settings: Mapping[str, str]) -> Trouble | None:
    """Of its kustomize, and of each further version: which one renders is said by a file that an overlay may bring."""
    options = {key: value for key, value in settings.items() if f"{key}.".startswith(f"{BUILD_OPTIONS}.")}
    weak = {key: found for key, value in sorted(options.items()) if (found := dict(_weakening(value)))}
    if not weak:
        return None
    where = listed(f"{' '.join(flags)} in {key}" for key, flags in weak.items())
    why = listed(dict.fromkeys(why for flags in weak.values() for why in flags.values()))
    rest = {key: _without(options[key], flags) for key, flags in weak.items()}
    return problem(f"kustomize runs with {where}: {why}", place.set(rest))


def _weakening(options: str) -> Iterator[tuple[str, str]]:
    """Each flag that weakens, as it is written, and what it allows."""
    for found in LOAD_RESTRICTOR.finditer(options):
        if found[1] not in RESTRICTED:
            yield found[0], "an overlay reads files of other tenants"
    for word in options.split():
        flag, _, value = word.partition("=")
        if flag in WEAKENING and value != "false":
            yield word, WEAKENING[flag]


def _without(options: str, flags: Mapping[str, str]) -> str | None:
    words = LOAD_RESTRICTOR.sub(lambda found: "" if found[0] in flags else found[0], options).split()
    return " ".join(word for word in words if word not in flags) or None


def _replaced(settings: Mapping[str, str]) -> Trouble | None:
    keys = sorted(key for key in settings if key.startswith(OTHER_KUSTOMIZE))
    if not keys:
        return None
    message = f"argocd-cm brings further versions of kustomize ({listed(keys)}); what they render nobody checked"
    return warning(message, "Delete them, unless other repos need them; what is generated here uses none of them.")


def _tracking(place: Place, settings: Mapping[str, str]) -> Trouble | None:
    if settings.get(TRACKING) != "label":
        return None
    message = "it knows its objects by the label app.kubernetes.io/instance, and overwrites what an API says there"
    return warning(message, place.set({TRACKING: "annotation"}))


def _in_cluster(place: Place, settings: Mapping[str, str]) -> Trouble | None:
    if settings.get(IN_CLUSTER_ENABLED, "true").lower() != "false":
        return None
    message = "it does not deploy to its own cluster, where all Applications have to be"
    return problem(message, place.set({IN_CLUSTER_ENABLED: "true"}))


def _default(place: Place, project: Value | None) -> Trouble | None:
    """Argo CD makes the project anew, open, when it is deleted."""
    spec = mapping(mapping(project).get("spec"))
    if not (spec.get("sourceRepos") or spec.get("destinations")):
        return None
    closed: dict[str, Any] = {"spec": {"sourceRepos": [], "destinations": []}}
    message = "the AppProject `default` is open: an Application in it deploys what it likes where it likes"
    return problem(message, f"{place.patch('appproject', 'default', closed)}\nIts Applications have to move before.")


def _few_rights(platform: Platform, rights: frozenset[str]) -> Trouble | None:
    wanted = (*FOLLOW, "patch") if platform.argocd_refresh else FOLLOW
    missing = [verb for verb in wanted if verb not in rights]
    if not missing:
        return None
    what = "follow a release" if set(missing) & set(FOLLOW) else "ask Argo CD to look now, as `refresh: true` says"
    message = (
        f"you may not {listed(missing)} Applications in {platform.argocd_namespace}, so `onboard wait` cannot {what}"
    )
    return problem(message, RIGHTS)


def _many_rights(platform: Platform, rights: frozenset[str]) -> Trouble | None:
    allowed = ("patch",) if platform.argocd_refresh else ()
    found = [verb for verb in (*ADMIN, "*") if verb in rights and verb not in allowed]
    if not found:
        return None
    what = "do everything" if "*" in found else f"{listed(found)} Applications in {platform.argocd_namespace}"
    message = f"you may {what}: whoever may that is an administrator of Argo CD, which a pipeline should not be"
    return warning(message, f"Nothing to do if you are a person. {RIGHTS}")


def _registered(name: str, context: str, registered: tuple[str, ...]) -> Trouble | None:
    if name in registered or name == IN_CLUSTER:
        return None
    message = (
        f"Argo CD knows no cluster {name}, which Applications name, but {listed(sorted({IN_CLUSTER, *registered}))}"
    )
    return problem(message, f"argocd cluster add {shlex.quote(context)} --name {shlex.quote(name)}")


def _twice(place: Place, name: str, registered: tuple[str, ...]) -> Trouble | None:
    count = Counter(registered)[name]
    if count < 2:
        return None
    look = place.kubectl("get", "secrets", "-l", "argocd.argoproj.io/secret-type=cluster")
    message = f"{count} Secrets register a cluster of this name, and Argo CD refuses to choose"
    return problem(message, f"{look}\nDelete all but one of them.")


def _root(platform: Platform, environment: Environment, apply: str, root: Root) -> Trouble | None:
    """Nothing but a hand applies it again, so that Argo CD goes by what it said then."""
    found = {"AppProject": root.project, "Application": root.application}
    missing = [f"the {kind}" for kind, there in found.items() if not there]
    name = f"onboarding-{environment.name}"
    if missing:
        are = "is" if len(missing) == 1 else "are"
        return problem(f"{listed(missing)} {name} {are} missing in Argo CD, so nothing is delivered", apply)
    pairs = zip(_wanted(platform, environment), found.values(), strict=True)
    if all(_within(mapping(wanted).get("spec"), mapping(live).get("spec")) for wanted, live in pairs):
        return None
    return warning(f"{name} is in Argo CD, but not as it is generated now", f"onboard generate\n{apply}")


def _wanted(platform: Platform, environment: Environment) -> Sequence[Any]:
    """The AppProject and the Application of an environment."""
    files = dict(generated.files(platform, environment, {}))
    return yamltext.read(files[root_file(environment.name)].encode(), yamltext.MANIFEST).documents


def _within(wanted: Any, live: Any) -> bool:
    """Whether all that is wanted is there; Argo CD may have added to it."""
    if isinstance(wanted, dict):
        return isinstance(live, dict) and all(_within(value, live.get(key)) for key, value in wanted.items())
    if isinstance(wanted, list):
        there = sequence(live)
        return len(wanted) == len(there) and all(map(_within, wanted, there))
    return bool(wanted == live)
