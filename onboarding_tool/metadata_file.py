"""What `api add` and `api import` share: whether an API may be declared so, and the files that declare it."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from onboarding_tool import load, yamltext
from onboarding_tool.checks import judging
from onboarding_tool.checks.api_name_reserved import RESERVED
from onboarding_tool.checks.rule import DECLARED, Scope
from onboarding_tool.errors import UsageError
from onboarding_tool.findings import Finding
from onboarding_tool.images import Image
from onboarding_tool.model import (
    EXCEPTIONS_FILE,
    PLATFORM_FILE,
    SCHEMAS_FOLDER,
    TEAMS_FILE,
    Api,
    Placement,
    Repo,
    Route,
    Workload,
)
from onboarding_tool.tree import Changes, Tree, changed
from onboarding_tool.wording import did_you_mean, listed
from onboarding_tool.yamltext import Flow

# The same expressions as in schemas/api.json (tested), so that a wish is judged before a file is written.
NAME = re.compile(r"[a-z]([a-z0-9-]{0,38}[a-z0-9])?")
LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
PREFIX = re.compile(r"(/[a-z0-9-]+)+")
HOST = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
# Stricter than the grammar of references, which allows capitals in a registry's host.
REPOSITORY = re.compile(
    r"([a-z0-9]+(-+[a-z0-9]+)*(\.[a-z0-9]+(-+[a-z0-9]+)*)*(:[0-9]{1,5})?/)?"
    r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*"
)
LONGEST_PREFIX, LONGEST_HOST = 200, 253

MODELINE = f"# yaml-language-server: $schema=../../{SCHEMAS_FOLDER}/api.json\n"
KUSTOMIZATION = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"}


def refuse_unfit(repo: Repo, name: str, tenant: str, team: str) -> None:
    """Raises UsageError unless an API of this name, tenant and team may be added to the repo."""
    if not repo.platform.read:
        raise UsageError(
            f"{PLATFORM_FILE} cannot be read, so no API can be added", "`onboard check` tells what to mend."
        )
    _refuse_name(name)
    if name in repo.apis or repo.tree.has_folder(f"apps/{name}"):
        raise UsageError(
            f"there is an API {name!r} already", "Choose another name; the files of an API are edited, not added twice."
        )
    _refuse_team(repo, tenant, team)


def _refuse_name(name: str) -> None:
    if not NAME.fullmatch(name):
        rule = "Lower-case letters, digits and -; begins with a letter, does not end with -, at most 40."
        raise UsageError(f"{name!r} cannot be the name of an API", f"{rule}{_instead(name)}")
    if name.startswith(RESERVED):
        hint = f"Names that begin with {listed(RESERVED)} are those of generated Applications: choose another."
        raise UsageError(f"{name!r} cannot be the name of an API", hint)


def _instead(name: str) -> str:
    """The nearest name that would do."""
    near = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-0123456789")[:40].strip("-")
    return f" For example: {near}." if NAME.fullmatch(near) and not near.startswith(RESERVED) else ""


def _refuse_team(repo: Repo, tenant: str, team: str) -> None:
    if not NAME.fullmatch(tenant):
        raise UsageError(f"{tenant!r} cannot be the name of a tenant", "Lower-case letters, digits and -: customer-a.")
    if not NAME.fullmatch(team):
        known = f"There are {listed(repo.teams)}."
        raise UsageError(f"{team!r} cannot be the name of a team", did_you_mean(team, repo.teams, known))
    if team not in repo.teams:
        hint = did_you_mean(team, repo.teams, f"A new team: `onboard team add {team} --tenant {tenant}`.")
        raise UsageError(f"there is no team {team!r} in teams.yaml", hint)
    if tenant not in repo.teams[team].tenants:
        served = sorted({one for known in repo.teams.values() for one in known.tenants})
        otherwise = (
            f"To let it: `onboard team add {team} --tenant {tenant}`. It serves {listed(repo.teams[team].tenants)}."
        )
        raise UsageError(
            f"the team {team} does not serve the tenant {tenant!r}", did_you_mean(tenant, served, otherwise)
        )


def placements(
    repo: Repo, wanted: Mapping[str, str], default: Callable[[str], str], manage: str
) -> dict[str, Placement]:
    """Where the API lives: in the environments that are `wanted` with their namespaces, else in all, by `default`."""
    known = repo.platform.environments
    for environment in wanted:
        if environment not in known:
            hint = did_you_mean(environment, known, f"{PLATFORM_FILE} has {listed(known)}.")
            raise UsageError(f"--namespace: there is no environment {environment!r}", hint)
    names = [name for name in known if name in wanted] if wanted else list(known)
    if not names:
        raise UsageError(f"{PLATFORM_FILE} has no environment", "Add one to its `environments:`.")
    return {name: Placement(_namespace(name, wanted.get(name) or default(name)), manage) for name in names}


def _namespace(environment: str, namespace: str) -> str:
    if LABEL.fullmatch(namespace):
        return namespace
    hint = f"Lower-case letters, digits and -, at most 63: `--namespace {environment}=NAMESPACE`."
    raise UsageError(f"{namespace!r} cannot be a namespace ({environment})", hint)


def objections(repo: Repo, name: str, changes: Changes, *, contents: bool) -> list[Finding]:
    """What `onboard check` will find wrong once the changes, which add the API, are made; what it finds now left out.

    `repo`: with every API's metadata. `contents`: judge the API's base and overlays too.
    """
    known = _declarations(repo)
    alone, found = load.load(changed(known, changes), [name])
    alone = replace(alone, today=repo.today)
    whole = replace(alone, apis=dict(sorted({**repo.apis, **alone.apis}.items())))
    before = judging.run(replace(repo, tree=known), (), DECLARED).findings
    after = [finding for finding in judging.run(whole, found, DECLARED).findings if finding not in before]
    inside = judging.run(alone, (), frozenset({Scope.API})).findings if contents else ()
    return [*after, *(finding for finding in inside if finding.path.startswith(f"apps/{name}/"))]


def _declarations(repo: Repo) -> Tree:
    """The policy files and every metadata.yaml, as the repo has them."""
    paths = (PLATFORM_FILE, TEAMS_FILE, EXCEPTIONS_FILE, *(api.path for api in repo.apis.values()))
    return Tree({path: repo.tree[path] for path in paths if path in repo.tree})


def refuse_prefix(prefix: str) -> None:
    if not PREFIX.fullmatch(prefix) or len(prefix) > LONGEST_PREFIX:
        hint = f"A slash before each part, none at the end; lower-case letters, digits and -; at most {LONGEST_PREFIX}."
        raise UsageError(f"--prefix {prefix}: this cannot be a prefix", f"{hint} For example: /customer-a/payments.")


def is_host(host: str) -> bool:
    """Whether a legacy host may be named so: a full host name, no wildcard, no address."""
    return len(host) <= LONGEST_HOST and bool(HOST.fullmatch(host))


def metadata(api: Api) -> bytes:
    """metadata.yaml of an API."""
    value = {
        "apiVersion": "onboarding/v1",
        "kind": "Api",
        "api_name": api.name,
        "tenant": api.tenant,
        "team": api.team,
        "lifecycle": str(api.lifecycle),
        "capability": api.capability,
        "delivery": str(api.delivery),
        "workloads": [_workload(workload) for workload in api.workloads],
        "environments": {
            name: Flow({"namespace": place.namespace, "manage": place.manage})
            for name, place in api.environments.items()
        },
        "routes": [_route(route) for route in api.routes],
    }
    return (MODELINE + yamltext.dump(value)).encode()


def _workload(workload: Workload) -> dict[str, Any]:
    containers = [Flow({"name": container.name, "image": container.image}) for container in workload.containers]
    return {"deployment": workload.deployment, "containers": containers}


def _route(route: Route) -> dict[str, Any]:
    value: dict[str, Any] = {
        "prefix": route.prefix,
        "service": route.service,
        "port": route.port,
        "strip_prefix": route.strip_prefix,
    }
    if route.legacy_hosts:
        hosts = list(route.legacy_hosts)
        value |= {"legacy_hosts": Flow(hosts) if len(hosts) == 1 else hosts, "legacy": route.legacy}
    return value | {"phase": Flow({environment: str(phase) for environment, phase in route.phase.items()})}


def base(resources: Iterable[str]) -> bytes:
    """base/kustomization.yaml."""
    return yamltext.dump({**KUSTOMIZATION, "resources": list(resources)}).encode()


def image_entry(image: Image, name: str = "") -> dict[str, str]:
    """The entry of `images:` that makes containers run `image`; `name`: what manifests write for its repository."""
    parts = {"newName": image.name if name else None, "newTag": image.tag, "digest": image.digest}
    return {"name": name or image.name} | {key: value for key, value in parts.items() if value}


def overlay(
    namespace: str, images: Sequence[Mapping[str, str]], config_maps: Sequence[Mapping[str, Any]] = ()
) -> bytes:
    """overlays/<env>/kustomization.yaml: the base, placed, with its images and the ConfigMaps made from files."""
    value: dict[str, Any] = {**KUSTOMIZATION, "namespace": namespace, "resources": ["../../base"]}
    if images:
        value["images"] = list(images)
    if config_maps:
        value["configMapGenerator"] = list(config_maps)
    return yamltext.dump(value).encode()
