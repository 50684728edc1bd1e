"""The two commits of a retirement: `retiring` lets Argo CD delete what runs, `removed` takes the declaration away."""

from onboarding_tool import yamltext
from onboarding_tool.errors import UsageError
from onboarding_tool.model import Api, Lifecycle, Repo
from onboarding_tool.tree import Changes


def retire(repo: Repo, api: Api) -> Changes:
    """metadata.yaml with `lifecycle: retiring`; no changes if it says so already."""
    if api.lifecycle is Lifecycle.RETIRING:
        return {}
    if api.lifecycle is Lifecycle.REMOVED:
        raise UsageError(
            f"{api.name} was removed already", "Nothing is left to retire; its metadata and releases stay."
        )
    return _with_lifecycle(repo, api, Lifecycle.RETIRING)


def remove(repo: Repo, api: Api) -> Changes:
    """metadata.yaml with `lifecycle: removed`, and base/, overlays/ and requests/ deleted; releases/ stay.

    Of an API that was removed already, what a killed process has left of them is deleted.
    """
    gone = [path for part in ("base", "overlays", "requests") for path in repo.tree.paths(f"{api.folder}/{part}")]
    if api.lifecycle is Lifecycle.REMOVED:
        return dict.fromkeys(gone)
    if api.lifecycle is not Lifecycle.RETIRING:
        hint = f"First `onboard api retire {api.name}`, commit, and wait until Argo CD has taken it in; then remove it."
        raise UsageError(
            f"{api.name} is {api.lifecycle}, not retiring: removing it now would leave its pods behind", hint
        )
    return _with_lifecycle(repo, api, Lifecycle.REMOVED) | dict.fromkeys(gone)


def _with_lifecycle(repo: Repo, api: Api, lifecycle: Lifecycle) -> Changes:
    text = repo.tree.read(api.path).decode("utf-8")
    return {api.path: yamltext.set_key(text, (), "lifecycle", str(lifecycle), after="team").encode()}
