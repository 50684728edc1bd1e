"""Real input: eleven services that nobody of this project wrote, and the exports that the package ships."""

from pathlib import Path

import pytest

from onboarding_tool import generators, load, resources
from onboarding_tool.adapters.renderer import Renderer
from onboarding_tool.checks import judging
from onboarding_tool.model import Repo
from onboarding_tool.tree import changed
from tests.support.imports import (
    SERVICES,
    boutique_files,
    built,
    empty_repo,
    expected,
    findings,
    generated_files,
    imported,
    imported_together,
    objects,
    written,
)
from tests.support.oracles import assert_same, folders_of, kustomize_oracle
from tests.support.rendered import with_renders

EXAMPLES = ("catalog", "invoices", "orders", "payments")


@pytest.fixture
def boutique(published_manifests: Path) -> dict[str, bytes]:
    return boutique_files(published_manifests)


def test_the_corpus_is_the_eleven_services(published_manifests):
    assert {path.stem for path in (published_manifests / "online-boutique").glob("*.yaml")} == set(SERVICES)


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_renders_as_it_was(name, boutique, kustomize, tmp_path):
    renders_as_it_was(name, boutique[name], kustomize, tmp_path)


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_example_renders_as_it_was(name, kustomize, tmp_path):
    renders_as_it_was(name, resources.example_files()[f"{name}.yaml"], kustomize, tmp_path)


def renders_as_it_was(name: str, data: bytes, kustomize: Path, folder: Path) -> None:
    repo = empty_repo()
    result = imported({f"{name}.yaml": data}, repo, name=name)
    assert findings(repo, result.changes) == []
    written(folder, result.changes)
    for environment, place in result.api.environments.items():
        rendered = built(kustomize, folder / result.api.overlay_folder(environment))
        assert rendered == expected(data, result, place.namespace)
        assert templates(list(rendered.values())) == templates(objects(data))


def templates(found: list[dict]) -> dict[str, dict]:
    """The pod template of each Deployment. An empty creationTimestamp says nothing: the API server drops it."""
    pods = {item["metadata"]["name"]: item["spec"]["template"] for item in found if item["kind"] == "Deployment"}
    for template in pods.values():
        if template["metadata"].get("creationTimestamp", ...) is None:
            del template["metadata"]["creationTimestamp"]
    assert pods
    return pods


def test_nothing_of_the_services_is_lost(boutique):
    """These files are as people wrote them: nothing in them is the cluster's, and every comment has a place."""
    for name, data in boutique.items():
        result = imported({f"{name}.yaml": data}, name=name)
        assert result.notes == ()
        kept = "".join(data.decode() for path, data in result.changes.items() if data and "/base/" in path)
        assert all(line in kept for line in data.decode().splitlines() if "#" in line)


@pytest.fixture
def all_in_one(boutique: dict[str, bytes]) -> Repo:
    return imported_together(boutique)


def test_all_services_stand_in_one_repo(all_in_one):
    repo, found = load.load(all_in_one.tree)
    assert found == []
    assert tuple(repo.apis) == SERVICES
    assert repo.platform.registries == (
        "europe-docker.pkg.dev/acme",
        "us-central1-docker.pkg.dev/online-boutique-ci/microservices-demo",
        "docker.io/library",
    )
    about_apis = [finding for finding in judging.run(repo, found).findings if finding.path.startswith("apps/")]
    assert about_apis == []


def test_all_services_pass_every_rule_as_rendered(all_in_one, renderer):
    tree = changed(all_in_one.tree, dict(generators.generate(all_in_one)))
    repo, found = load.load(tree)
    with Renderer(jobs=1, command=renderer) as rendering:
        repo = with_renders(repo, rendering)
    assert judging.run(repo, found).findings == ()


def test_all_services_render_together(all_in_one, boutique, kustomize, tmp_path):
    tree = all_in_one.tree
    written(tmp_path, {path: tree.read(path) for path in tree.paths("apps")})
    for api in all_in_one.apis.values():
        rendered = built(kustomize, tmp_path / api.overlay_folder("prod"))
        assert templates(list(rendered.values())) == templates(objects(boutique[api.name]))


def test_all_that_is_imported_and_generated_renders_as_kustomize_builds_it(all_in_one, renderer, kustomize, tmp_path):
    files = generated_files(all_in_one)
    folders = folders_of(files)
    with Renderer(command=renderer) as rendering:
        assert assert_same(rendering, kustomize_oracle(kustomize), tmp_path, files, folders) == len(folders)
    assert len(folders) == 5 * len(SERVICES)  # a base, two overlays and what is generated of both


def test_the_hosts_of_the_examples_become_legacy_hosts():
    hosts = {"payments": 8080, "orders": 80, "catalog": 80, "invoices": 8080}
    for name, port in hosts.items():
        result = imported({f"{name}.yaml": resources.example_files()[f"{name}.yaml"]}, name=name)
        (route,) = result.api.routes
        assert (route.service, route.port, route.legacy) == (name, port, "base")
        assert route.legacy_hosts[0].startswith(f"{name}.customer-")
