"""The tool itself, and what it and platform.yaml say of each other."""

from collections.abc import Iterable, Iterator, Sequence

from onboarding_tool.checks import kustomize_version_mismatch, tool_version_mismatch
from onboarding_tool.doctor.results import Result, Trouble, judged, problem, required, then, warning
from onboarding_tool.doctor.seen import UNREAD, Seen, World
from onboarding_tool.findings import Finding
from onboarding_tool.kubernetes_schema import versions
from onboarding_tool.model import PLATFORM_FILE, Platform, Repo
from onboarding_tool.wording import counted, listed

SUBJECT = "tool"


def results(repo: Repo, findings: Sequence[Finding], world: World) -> Iterator[Result]:
    read: Seen[Repo] = repo if repo.platform.read else UNREAD
    yield judged("config-repo-broken", SUBJECT, findings, _broken)
    yield required("renderer-missing", SUBJECT, world.renderer, on=repo)
    for rule in (tool_version_mismatch, kustomize_version_mismatch):
        yield judged(rule.RULE, SUBJECT, then(read, rule.check), _as_rule)
    yield judged("kubernetes-schemas-missing", SUBJECT, read, lambda repo: _schemas(repo.platform))


def _broken(findings: Sequence[Finding]) -> Trouble | None:
    if not findings:
        return None
    first = min(findings)
    where = f"{first.path}:{first.line}:{first.column}: {first.message}"
    message = f"the config repo has {counted(len(findings), 'error')}, so there may be more than is told here: {where}"
    return problem(message, f"{first.hint} `onboard check` lists all.".strip())


def _as_rule(findings: Iterable[Finding]) -> Trouble | None:
    """What a rule of `onboard check` finds."""
    found = next(iter(findings), None)
    return problem(found.message, found.hint) if found else None


def _schemas(platform: Platform) -> Trouble | None:
    if platform.kubernetes in versions():
        return None
    message = f"`onboard check` knows no objects of Kubernetes {platform.kubernetes}, which {PLATFORM_FILE} names"
    return warning(message, f"It knows {listed(versions())}; another version of the tool may know more.")
