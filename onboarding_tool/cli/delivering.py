"""`onboard doctor`: what is wrong with the world that a config repo needs."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from onboarding_tool.cli.session import environments_of, session, tell
from onboarding_tool.errors import Exit, WorldError

if TYPE_CHECKING:
    from onboarding_tool.model import Platform

ArgocdContext = Annotated[
    str | None,
    typer.Option(
        "--argocd-context",
        metavar="CONTEXT",
        help="Of the cluster with Argo CD. Default: that of `in-cluster` in platform.yaml, else the current one.",
    ),
]


class DoctorFormat(StrEnum):
    TEXT = "text"
    JSON = "json"


def argocd_context(platform: "Platform", given: str | None) -> str | None:
    """The context of the cluster that Argo CD runs in; None for the kubeconfig's current one."""
    from onboarding_tool.generators.projects import IN_CLUSTER

    return given or platform.clusters.get(IN_CLUSTER)


def say_not_asked(error: WorldError) -> None:
    """Argo CD looks by itself in a while, so it is no error if it cannot be asked to look now."""
    tell(f"Argo CD could not be asked to look now: {error.message}")


def doctor(
    context: typer.Context,
    env: Annotated[str | None, typer.Option("--env", metavar="ENV", help="Only this environment's cluster.")] = None,
    argocd: ArgocdContext = None,
    format: Annotated[DoctorFormat, typer.Option(help="How the results are printed.")] = DoctorFormat.TEXT,  # noqa: A002
) -> None:
    """Look at git, the remote, the clusters and Argo CD, and tell how to mend what is wrong. Exit 1 if something is."""
    from onboarding_tool import report_doctor
    from onboarding_tool.adapters import world
    from onboarding_tool.doctor import Status, examine

    here = session(context)
    repo, findings = here.load_fleet()
    environments = environments_of(repo.platform, env)
    seen = world.look(repo, here.root(), environments, argocd_context(repo.platform, argocd))
    results = examine(repo, findings, environments, seen)
    if format is DoctorFormat.JSON:
        print(report_doctor.json(results))
    else:
        print("\n".join(report_doctor.text(results, color=here.color, verbose=here.verbose)))
    if any(result.status is Status.PROBLEM for result in results):
        raise typer.Exit(Exit.FINDINGS)
