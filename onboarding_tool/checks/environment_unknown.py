"""Every environment that an API speaks of exists, and the API speaks of it everywhere or nowhere.

platform.yaml declares the environments. An API names those it lives in under `environments`; each of its routes says
the phase for exactly these; its folders below overlays/ and requests/ bear their names. A request or an overlay for
an environment that does not exist would wait forever without a word.

Bad:

    # apps/payments/metadata.yaml
    environments:
      prdo: {namespace: payments}
    routes:
      - phase: {staging: path}

Good:

    environments:
      staging: {namespace: payments-staging}
      prod: {namespace: payments}
    routes:
      - phase: {staging: path, prod: dual}

Fix: correct the name; the finding suggests the nearest. A request in the wrong folder is moved with `git mv`, and its
`environment` corrected. A new environment is declared in platform.yaml by the platform team.
"""

from collections.abc import Iterator

from onboarding_tool import schema, yamltext
from onboarding_tool.checks.facts.subjects import who_mends
from onboarding_tool.checks.facts.written import living
from onboarding_tool.checks.rule import POLICY, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.load import RECORD_PATH
from onboarding_tool.model import Api, Repo, Route, mapping, text
from onboarding_tool.wording import did_you_mean, listed

RULE = "environment-unknown"
SCOPE = Scope.DECLARATION
NEEDS = POLICY


def check(repo: Repo) -> Iterator[Finding]:
    for api in living(repo):
        yield from _environments(repo, api)
        for index, route in enumerate(api.routes):
            yield from _phases(repo, api, index, route)
    for api in repo.apis.values():
        yield from _folders(repo, api)


def _environments(repo: Repo, api: Api) -> Iterator[Finding]:
    for name in api.environments:
        if name not in repo.platform.environments:
            message = f"{api.name}: there is no environment {name!r} in platform.yaml"
            yield repo.finding(RULE, api.path, message, _hint(repo, name), at=("environments", name), key=True)


def _phases(repo: Repo, api: Api, index: int, route: Route) -> Iterator[Finding]:
    at = ("routes", index, "phase")
    for name in route.phase:
        if name not in repo.platform.environments:
            message = f"{api.name}: there is no environment {name!r} in platform.yaml"
            yield repo.finding(RULE, api.path, message, _hint(repo, name), at=(*at, name), key=True)
        elif name not in api.environments:
            message = f"{api.name}: the route {route.prefix} has a phase for {name!r}, where the API does not live"
            hint = f"It lives in {listed(api.environments)}. Delete the phase, or add {name} under `environments`."
            yield repo.finding(RULE, api.path, message, hint, at=(*at, name), key=True)
    for name in api.environments:
        if name in repo.platform.environments and name not in route.phase:
            message = f"{api.name}: the route {route.prefix} has no phase for the environment {name!r}"
            hint = f"Add `{name}: legacy` under `phase`, or the phase that the route is in there."
            yield repo.finding(RULE, api.path, message, hint, at=at, key=True)


def _folders(repo: Repo, api: Api) -> Iterator[Finding]:
    for kind in ("overlays", "requests", "releases"):
        for name in repo.tree.folders(f"{api.folder}/{kind}"):
            folder = f"{api.folder}/{kind}/{name}"
            if name in repo.platform.environments or (kind == "releases" and _is_history(repo, api, name)):
                continue
            path = next(repo.tree.paths(folder))
            message = f"{folder}/: there is no environment {name!r} in platform.yaml"
            yield repo.finding(RULE, path, message, _hint(repo, name), who=who_mends(path))


def _is_history(repo: Repo, api: Api, name: str) -> bool:
    """Whether requests were decided for this environment: records stay for good, environments need not.

    Where a request lay decides that, not what it says: one that says something else there was refused and recorded.
    """
    asked = f"{api.folder}/requests/{name}/"
    for path in repo.tree.paths(f"{api.folder}/releases/{name}"):
        if RECORD_PATH.fullmatch(path):
            documents = yamltext.read(repo.tree.read(path), yamltext.OURS).documents
            record = mapping(documents[0] if documents else None)
            if text(record.get("request_path")).startswith(asked) and not schema.judge("release-record", dict(record)):
                return True
    return False


def _hint(repo: Repo, name: str) -> str:
    known = repo.platform.environments
    return did_you_mean(name, known, f"There are {listed(known)}; the platform team declares them in platform.yaml.")
