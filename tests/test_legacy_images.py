import shlex

import pytest

from onboarding_tool import load
from onboarding_tool.edits.bump import bump
from onboarding_tool.errors import UsageError
from onboarding_tool.images import parse
from onboarding_tool.model import Container
from onboarding_tool.tree import changed
from tests.support.imports import DEPLOYMENT, built, documents, empty_repo, findings, imported, text, value, written

REPOSITORY = "europe-docker.pkg.dev/acme/payments/app"
DIGEST = "sha256:" + "a1" * 32
BEFORE, _ = DEPLOYMENT.split("      containers:\n")


def deployment(
    *containers: tuple[str, str], init: tuple[tuple[str, str], ...] = (), name: str = "payments", tail: str = ""
) -> str:
    """A Deployment of (name, image) pairs."""
    lines = ["      containers:", *(f"      - {{name: {n}, image: '{image}'}}" for n, image in containers)]
    if init:
        lines += ["      initContainers:", *(f"      - {{name: {n}, image: '{image}'}}" for n, image in init)]
    return BEFORE.replace("payments", name) + "\n".join(lines) + f"\n{tail}"


def entries(result) -> list[dict[str, str]]:
    return value(result, "overlays/prod/kustomization.yaml").get("images", [])


def images_of(manifest: dict) -> dict[str, str]:
    spec = manifest["spec"]["template"]["spec"]
    return {one["name"]: one["image"] for one in (*spec.get("initContainers", ()), *spec["containers"])}


@pytest.mark.parametrize(
    ("image", "written_as", "entry"),
    [
        (f"{REPOSITORY}:v1.9.3", REPOSITORY, {"newTag": "v1.9.3"}),
        (f"{REPOSITORY}:1.10", REPOSITORY, {"newTag": "1.10"}),
        (f"{REPOSITORY}@{DIGEST}", REPOSITORY, {"digest": DIGEST}),
        (f"{REPOSITORY}:v1@{DIGEST}", REPOSITORY, {"newTag": "v1", "digest": DIGEST}),
        ("redis:alpine", "redis", {"newTag": "alpine"}),
        ("localhost:5000/app:1e3", "localhost:5000/app", {"newTag": "1e3"}),
    ],
)
def test_the_version_moves_to_every_overlay(image, written_as, entry, kustomize, tmp_path):
    result = imported(documents(deployment(("app", image))))
    assert findings(empty_repo(), result.changes) == []
    assert images_of(value(result, "base/deployment.yaml")) == {"app": written_as}
    assert entries(result) == [{"name": written_as, **entry}]
    assert result.api.workloads[0].containers == (Container("app", written_as),)
    written(tmp_path, result.changes)
    for environment in ("staging", "prod"):
        rendered = built(kustomize, tmp_path / f"apps/payments/overlays/{environment}")
        assert images_of(rendered["Deployment", "payments"]) == {"app": image}


def test_an_image_without_a_tag_stays_and_is_pointed_out():
    result = imported(documents(deployment(("app", REPOSITORY), ("log", "redis:7"))))
    assert images_of(value(result, "base/deployment.yaml")) == {"app": REPOSITORY, "log": "redis"}
    assert [entry["name"] for entry in entries(result)] == ["redis"]
    step = next(step for step in result.steps if step.startswith("No tag: the container app"))
    assert f"`onboard bump payments staging {REPOSITORY}:TAG --deployment payments --container app`" in step
    assert not any("container log" in step for step in result.steps)


def test_the_command_that_sets_a_missing_tag_names_no_container_where_there_is_one_slot():
    result = imported(documents(deployment(("app", REPOSITORY), ("again", REPOSITORY))))
    assert any(f"`onboard bump payments staging {REPOSITORY}:TAG`" in step for step in result.steps)


def test_the_command_that_sets_a_missing_tag_does():
    result = imported(documents(deployment(("app", REPOSITORY), ("old", f"{REPOSITORY}:v1"), ("log", "redis"))))
    steps = [step for step in result.steps if step.startswith("No tag: ")]
    assert len(steps) == 2
    repo = load.load(changed(empty_repo().tree, result.changes))[0]
    for step in steps:
        command = shlex.split(step.split("`")[3])
        assert command[:4] == ["onboard", "bump", "payments", "staging"]
        image = parse(command[4].replace("TAG", "v2"))
        options = dict(zip(command[5::2], command[6::2], strict=True))
        done = bump(repo, repo.apis["payments"], "staging", image, options["--deployment"], options["--container"])
        assert done.slot == (("payments", options["--container"]),)


def test_no_image_with_a_version_means_no_images():
    result = imported(documents(deployment(("app", REPOSITORY))))
    assert "images" not in value(result, "overlays/prod/kustomization.yaml")


def test_containers_that_run_the_same_stay_one_slot():
    result = imported(documents(deployment(("app", f"{REPOSITORY}:v2"), init=(("migrate", f"{REPOSITORY}:v2"),))))
    assert images_of(value(result, "base/deployment.yaml")) == {"migrate": REPOSITORY, "app": REPOSITORY}
    assert entries(result) == [{"name": REPOSITORY, "newTag": "v2"}]
    assert result.api.workloads[0].containers == (Container("migrate", REPOSITORY), Container("app", REPOSITORY))


SEPARATE = {
    "two tags in one pod": (
        [deployment(("app", f"{REPOSITORY}:v2"), init=(("migrate", f"{REPOSITORY}:v1"),))],
        {"payments-migrate": "v1", "payments-app": "v2"},
    ),
    "two tags, three containers": (
        [deployment(("app", f"{REPOSITORY}:v2"), ("b", f"{REPOSITORY}:v1"), ("c", f"{REPOSITORY}:v2"))],
        {"payments-app": "v2", "payments-b": "v1"},
    ),
    "two Deployments, containers of one name": (
        [deployment(("app", f"{REPOSITORY}:v2")), deployment(("app", f"{REPOSITORY}:v1"), name="worker")],
        {"payments-app": "v2", "worker-app": "v1"},
    ),
    "one without a tag": (
        [deployment(("app", f"{REPOSITORY}:v2"), ("b", REPOSITORY))],
        {"payments-app": "v2", "payments-b": None},
    ),
    "a name that is a repository already": (
        [deployment(("app", f"{REPOSITORY}:v2"), ("b", f"{REPOSITORY}:v1"), ("x", "payments-b:7"))],
        {"payments-app": "v2", "payments-b-2": "v1", "payments-b": "7"},
    ),
    "a name that kustomize would take for another's": (
        [deployment(("app", "a.b/app:1"), ("x", "a-b/app:2"))],
        {"payments-app": "1", "a-b/app": "2"},
    ),
    "an image volume of the same repository": (
        [
            deployment(
                ("app", f"{REPOSITORY}:v2"),
                tail=f"      volumes:\n      - {{name: v, image: {{reference: '{REPOSITORY}:v1'}}}}\n",
            )
        ],
        {"payments-app": "v2"},
    ),
}


@pytest.mark.parametrize(("manifests", "tags"), SEPARATE.values(), ids=SEPARATE.keys())
def test_slots_that_differ_stay_apart(manifests, tags, kustomize, tmp_path):
    result = imported(documents(*manifests))
    assert findings(empty_repo(), result.changes) == []
    assert {entry["name"]: entry.get("newTag") for entry in entries(result)} == tags
    written(tmp_path, result.changes)
    rendered = built(kustomize, tmp_path / "apps/payments/overlays/prod")
    for manifest in manifests:
        (was,) = built_input(manifest)
        now = rendered["Deployment", was["metadata"]["name"]]
        assert now["spec"] == was["spec"]


def built_input(manifest: str) -> list[dict]:
    from tests.support.imports import objects

    return objects(manifest.encode())


@pytest.mark.parametrize(
    "image",
    ["", "${IMAGE}", "Acme/app:v1", "REG.example/app:v1", "app:bad/tag", "app@sha512:ab", "app:", "-a", "a b:1"],
)
def test_an_image_that_no_runtime_could_pull_is_refused_with_its_place(image):
    with pytest.raises(UsageError) as caught:
        imported(documents(deployment(("app", image))))
    assert "export.yaml:15:28: no runtime could pull the image of 'app': " in caught.value.message


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        (deployment(("App", "a:1")), "a container 'App': metadata.yaml takes names"),
        (deployment(("app", "a:1"), name="pay.ments"), "the Deployment 'pay.ments': metadata.yaml takes names"),
        (BEFORE + "      containers: []\n", "Deployment payments has no containers"),
    ],
)
def test_what_metadata_cannot_declare_is_refused(manifest, said):
    with pytest.raises(UsageError) as caught:
        imported(documents(manifest))
    assert said in caught.value.message


def test_registries_that_the_platform_does_not_allow_are_named():
    both = deployment(
        ("app", f"{REPOSITORY}:v1"), ("cache", "redis:alpine"), ("log", "quay.io/a/b/c:1"), ("l", "quay.io/a/d:1")
    )
    result = imported(documents(both))
    assert (result.registries_missing, result.registries_added) == (("docker.io/library", "quay.io/a"), ())
    assert "platform.yaml" not in result.changes
    assert "docker.io/library and quay.io/a" in " ".join(result.steps)


def test_registries_are_added_on_demand_and_files_keep_the_written_form():
    repo = empty_repo()
    result = imported(documents(deployment(("cache", "redis:alpine"))), repo, allow_registries=True)
    after = result.changes["platform.yaml"]
    assert after == repo.tree.read("platform.yaml").replace(b"acme]", b"acme, docker.io/library]")
    assert (result.registries_missing, result.registries_added) == ((), ("docker.io/library",))
    assert entries(result) == [{"name": "redis", "newTag": "alpine"}]
    assert "{name: cache, image: redis}" in text(result, "metadata.yaml")


@pytest.mark.parametrize("registries", ["registries: []", "registries:", ""])
def test_registries_are_added_whatever_the_platform_says(registries):
    repo = empty_repo(**{"registries: [europe-docker.pkg.dev/acme]": registries})
    result = imported(
        documents(deployment(("cache", "redis:alpine"), ("a", "quay.io/a/b:1"))), repo, allow_registries=True
    )
    assert findings(repo, result.changes) == []
    from onboarding_tool import load
    from onboarding_tool.tree import changed

    after = load.load(changed(repo.tree, result.changes))[0]
    assert after.platform.registries == ("docker.io/library", "quay.io/a")


def test_nothing_is_added_that_is_allowed_already():
    result = imported(documents(DEPLOYMENT), allow_registries=True)
    assert (result.registries_missing, result.registries_added) == ((), ())
    assert "platform.yaml" not in result.changes


def test_what_a_release_will_have_to_change_is_pointed_out():
    result = imported(documents(deployment(("app", f"{REPOSITORY}:latest"))))
    assert any("forbids the tag latest of the container app" in step for step in result.steps)
    strict = empty_repo(**{"clusters:": "images: {require: digest}\nclusters:"})
    result = imported(documents(DEPLOYMENT), strict)
    assert any("requires digests" in step for step in result.steps)
