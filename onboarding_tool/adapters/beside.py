"""What other APIs bring to a namespace: they share its quota."""

from collections.abc import Iterator

from onboarding_tool import load
from onboarding_tool.adapters.git_repo import GitRepo
from onboarding_tool.generators.layout import app_folder
from onboarding_tool.load import Depth
from onboarding_tool.model import Api, Lifecycle, Object, Platform
from onboarding_tool.rendering import Form, Rendering, render_request, rendered_objects


def objects_beside(
    git: GitRepo, revision: str, platform: Platform, api: Api, environment: str, renderer: Rendering
) -> Iterator[Object]:
    """The objects of other APIs in the namespace that an API has in an environment. What cannot be rendered brings
    none.
    """
    homes = list(_homes(git, revision, platform, api, environment))
    folders = [path for name, there in homes for path in (app_folder(there, name), f"apps/{name}")]
    tree = git.tree(revision, ("components", *folders))
    wanted = []
    for name, there in homes:
        folder = app_folder(there, name)
        wanted.append(folder if tree.has_folder(folder) else f"apps/{name}/overlays/{there}")
    for rendered in renderer.render(render_request(tree, folder, Form.OBJECTS) for folder in wanted):
        yield from rendered_objects(rendered)


def _homes(git: GitRepo, revision: str, platform: Platform, api: Api, environment: str) -> Iterator[tuple[str, str]]:
    """(API, environment) of those that live there, too."""
    place = platform.place(api, environment)
    if not place:
        return
    names = [name for name in git.declaring(revision, place[1]) if name != api.name]
    tree = git.tree(revision, [f"apps/{name}/metadata.yaml" for name in names])
    for name, other in load.apis(tree, names, Depth.METADATA)[0].items():
        if other.lifecycle is not Lifecycle.REMOVED:
            yield from ((name, there) for there in other.environments if platform.place(other, there) == place)
