"""The clusters that APIs run in, each as its context of the kubeconfig reaches it."""

from collections.abc import Iterator, Sequence
from functools import partial

from onboarding_tool.doctor.results import Result, Trouble, judged, problem, required, then, told_elsewhere, warning
from onboarding_tool.doctor.seen import ClusterSeen, Entry, Rights, Seen, Unseen, World
from onboarding_tool.model import PLATFORM_FILE, Environment, Platform
from onboarding_tool.wording import counted, did_you_mean, listed

GATEWAY, GCE = "gateway", "gce"


def results(platform: Platform, environments: Sequence[Environment], world: World) -> Iterator[Result]:
    yield required("kubeconfig-unusable", "kubeconfig", world.contexts, on=platform)
    for name, cluster in world.clusters.items():
        subject = f"cluster {name}"
        otherwise = f"Add the context, or correct `clusters:` in {PLATFORM_FILE}."
        yield from reached(subject, platform.clusters.get(name, ""), world.contexts, cluster.version, otherwise)
        yield judged(
            "kubernetes-version-mismatch", subject, told_elsewhere(cluster.version), partial(_version, platform)
        )
    for environment in environments:
        subject = f"environment {environment.name}"
        cluster = world.clusters[environment.cluster]
        yield _entry(subject, environment, cluster)
        rights = cluster.rights[environment.name]
        yield judged("rights-missing", subject, rights, _rights)


def reached(
    subject: str, context: str, contexts: Seen[tuple[str, ...]], version: Seen[str], otherwise: str
) -> Iterator[Result]:
    """Whether the kubeconfig has the context, and whether the cluster behind it answers. `otherwise`: what mends it."""
    known = then(contexts, lambda names: names if context in names else Unseen(absence(context)))
    yield judged("context-missing", subject, told_elsewhere(contexts), partial(_context, context, otherwise))
    yield required("cluster-unreachable", subject, version, on=known)


def absence(context: str) -> str:
    """What is said of a context that is not in the kubeconfig; "" is that of a cluster that has none."""
    return f"the kubeconfig has no context {context!r}" if context else "no context is known that reaches it"


def _context(context: str, otherwise: str, contexts: tuple[str, ...]) -> Trouble | None:
    if context in contexts:
        return None
    fix = did_you_mean(context, contexts, f"{otherwise} The kubeconfig has {listed(sorted(contexts))}.")
    return problem(absence(context), fix)


def _version(platform: Platform, version: str) -> Trouble | None:
    if version == platform.kubernetes:
        return None
    message = f"the cluster runs Kubernetes {version}, and `onboard check` judges objects for {platform.kubernetes}"
    fix = f'Write `kubernetes: "{version}"` into {PLATFORM_FILE}; with clusters of several versions, the oldest.'
    return problem(message, fix) if _numbers(version) < _numbers(platform.kubernetes) else warning(message, fix)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _entry(subject: str, environment: Environment, cluster: ClusterSeen) -> Result:
    """What serves the routes is there, under the name that they carry."""
    entry = cluster.entries[environment.name]
    wanted = environment.entry.ingress_class
    if environment.entry.target == GATEWAY:
        return judged("gateway-missing", subject, entry, partial(_gateway, wanted))
    if environment.entry.target == GCE:
        entry = then(entry, partial(_built_in, wanted))
    return judged("ingress-class-missing", subject, entry, partial(_ingress_class, wanted))


def _gateway(wanted: str, entry: Entry) -> Trouble | None:
    if not entry.is_known:
        fix = "Install its CRDs and a controller: https://gateway-api.sigs.k8s.io/guides/"
        return problem("the cluster does not know the Gateway API, so no HTTPRoute can be delivered", fix)
    if wanted in entry.names or ("/" not in wanted and any(name.endswith(f"/{wanted}") for name in entry.names)):
        return None
    fix = f"Create it, or correct `entry: class:` in {PLATFORM_FILE}. The cluster has {listed(entry.names)}."
    return problem(f"there is no Gateway {wanted}, which its routes name", fix)


def _built_in(wanted: str, entry: Entry) -> Seen[Entry]:
    """GKE's own controller goes by an annotation, and needs no object of the class's name."""
    if wanted in entry.names:
        return entry
    return Unseen("GKE serves Ingresses of its own class without an IngressClass, so nothing shows whether it does")


def _ingress_class(wanted: str, entry: Entry) -> Trouble | None:
    if wanted in entry.names:
        return None
    message = f"there is no IngressClass {wanted}, which its Ingresses name, so no controller serves them"
    fix = (
        f"Install the controller, or correct `entry: class:` in {PLATFORM_FILE}. The cluster has {listed(entry.names)}."
    )
    return problem(message, fix)


def _rights(rights: Rights) -> Trouble | None:
    if not rights.missing:
        return None
    kinds = list(dict.fromkeys(f"{verb} {kind}" for verb, kind, _ in rights.missing))
    namespaces = listed(dict.fromkeys(namespace for *_, namespace in rights.missing if namespace))
    asked = (
        f" ({rights.asked} of {counted(rights.namespaces, 'namespace')} asked)"
        if rights.asked < rights.namespaces
        else ""
    )
    message = f"`onboard wait` may not {listed(kinds)} in {namespaces}{asked}, so it cannot tell why a release fails"
    return problem(message, "docs/platform-team.md lists the rights.")
