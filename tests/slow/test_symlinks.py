"""Symlinks of a pull request, from the files to the commands: none is followed, each is told, and the rest renders."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from onboarding_tool import load
from onboarding_tool.adapters.files import FolderTree
from onboarding_tool.adapters.git_repo import GitRepo
from onboarding_tool.adapters.renderer import Renderer
from onboarding_tool.model import Render
from onboarding_tool.tree import Tree
from tests.support.cli import onboard
from tests.support.git import commit, git, repository, write
from tests.support.rendered import with_renders
from tests.support.repos import good, second_api, with_component

PROD = "apps/payments/overlays/prod"
BOTH = ("payments prod", "payments staging")
ALL = ("orders prod", "orders staging", *BOTH)
SECRET = "hunter2"
# What lies beside the repo, for a link to lead to: it would render.
OUTSIDE = {
    "kustomization.yaml": "configMapGenerator: [{name: stolen, files: [secret.yaml]}]\n",
    "secret.yaml": f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: stolen}}\ndata: {{password: {SECRET}}}\n",
}


@dataclass(frozen=True, slots=True)
class Link:
    """A link at `path`, and what is replaced by what in the kustomization of prod, so that it names the link.

    `overlays` and `generated`: the APIs and environments that cannot be built with it. `differs`: `onboard diff` needs
    one of them.
    """

    path: str
    target: str
    pieces: tuple[str, str] = ("", "")
    overlays: tuple[str, ...] = ("payments prod",)
    generated: tuple[str, ...] = ("payments prod",)
    differs: bool = True


KUSTOMIZATION = f"{PROD}/kustomization.yaml"
LISTED = ("- ../../base", "- ../../base\n  - linked")
BELOW = ("- ../../base", "- ../../base\n  - linked/secret.yaml")
GENERATOR = ("images:", "configMapGenerator: [{name: a, files: [key=linked]}]\nimages:")
PATCH = ("images:", "patches: [{path: linked}]\nimages:")
LINKS = {
    "a file of the overlay, to one of the base": Link(f"{PROD}/linked", "../../base/service.yaml", LISTED),
    "a file of the overlay, to one outside": Link(f"{PROD}/linked", "OUTSIDE/secret.yaml", LISTED),
    "a file of the overlay, to an absolute path": Link(f"{PROD}/linked", "/etc/passwd", LISTED),
    "a folder, to one in the repo": Link(f"{PROD}/linked", "../../../orders/base", LISTED),
    "a folder, to one outside": Link(f"{PROD}/linked", "OUTSIDE", LISTED),
    "a folder above the file": Link(f"{PROD}/linked", "OUTSIDE", BELOW),
    "a generator's file": Link(f"{PROD}/linked", "/etc/passwd", GENERATOR),
    "a patch": Link(f"{PROD}/linked", "OUTSIDE/secret.yaml", PATCH),
    "a loop": Link(f"{PROD}/linked", "linked", LISTED),
    "a file of the base": Link("apps/payments/base/deployment.yaml", "/etc/passwd", overlays=BOTH, generated=BOTH),
    "the kustomization itself": Link(KUSTOMIZATION, "../staging/kustomization.yaml"),
    "the overlay": Link(PROD, "staging", overlays=(), generated=()),
    "the base": Link("apps/payments/base", "OUTSIDE", overlays=BOTH, generated=BOTH),
    "a component": Link("components/extra", "OUTSIDE", overlays=(), generated=ALL),
    "what is generated": Link(
        "generated/prod/apps/payments", "../../staging/apps/payments", overlays=(), generated=(), differs=False
    ),
}


@pytest.fixture(params=LINKS)
def link(request: pytest.FixtureRequest) -> Link:
    return LINKS[request.param]


@pytest.fixture
def config(link: Link, tmp_path: Path, renderer: Path) -> Path:
    """A repo with two APIs, and a commit on top that brings the link."""
    files = with_component("commonAnnotations: {a: b}\n", good() | second_api())
    outside = tmp_path / "outside"
    write(outside, OUTSIDE)
    config = repository(tmp_path / "config", files)
    assert link.pieces[0] in files[KUSTOMIZATION]
    write(config, {KUSTOMIZATION: files[KUSTOMIZATION].replace(*link.pieces, 1)})
    place = config / link.path
    if place.is_dir():
        shutil.rmtree(place)
    place.unlink(missing_ok=True)
    place.symlink_to(link.target.replace("OUTSIDE", str(outside)))
    git(config, "add", "-A")
    git(config, "commit", "-q", "-m", "link")
    return config


def trees(config: Path) -> list[Tree]:
    """The same state: as files, and as a commit that nobody checked out."""
    return [FolderTree(config), GitRepo.open(config).tree("HEAD")]


def failed(renders: Mapping[tuple[str, str], Render], link: Link) -> tuple[str, ...]:
    """What cannot be built; each says why."""
    found = {" ".join(key): render for key, render in renders.items() if render.failure}
    for render in found.values():
        assert f"{link.path} is a symlink, which no build follows" in render.message
    return tuple(sorted(found))


def test_no_link_is_followed_and_the_rest_renders(config, link):
    for tree in trees(config):
        with Renderer(jobs=1) as rendering:
            renders = with_renders(load.load(tree)[0], rendering).renders
        assert renders is not None
        assert failed(renders.overlay, link) == link.overlays
        assert failed(renders.generated, link) == link.generated
        assert renders.overlay["orders", "prod"].objects
        assert renders.overlay["payments", "staging"].objects or link.overlays == BOTH
        assert SECRET not in repr(renders)
        assert "root:" not in repr(renders)


def test_the_commands_name_the_link(config, link):
    checked = onboard("check", "--format", "json", at=config)
    found = [(finding["path"], finding["rule"]) for finding in json.loads(checked.out)["findings"]]
    assert (link.path, "path-mode-forbidden") in found
    assert "render-failed" not in [rule for _, rule in found]

    rendered = onboard("render", "payments", "prod", "--from", "overlay", at=config)
    said = f"{link.path} is a symlink, which no build follows"
    assert (said in rendered.err) is ("payments prod" in link.overlays)
    assert onboard("render", "orders", "prod", "--from", "overlay", at=config).code == 0

    service = "apps/orders/base/service.yaml"
    commit(config, {service: (config / service).read_text() + "  type: NodePort\n"})
    for words in (["HEAD~2"], ["HEAD~2", "HEAD"]):
        differing = onboard("diff", *words, at=config)
        assert differing.code == link.differs
        assert (said in " ".join(differing.out.split())) is link.differs
        assert "orders" in differing.out
        assert SECRET not in checked.text + rendered.text + differing.text
