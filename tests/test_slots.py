"""What image entries move: the truth table of kustomize 5.8.1, and that kustomize itself on a random sample."""

import random
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from onboarding_tool import slots
from onboarding_tool.image_entries import unsafe
from onboarding_tool.images import Image, parse, problem
from onboarding_tool.model import Api
from tests.support.repos import edited, good, repo_of

ONE, TWO = "sha256:" + "1" * 64, "sha256:" + "2" * 64
DEPLOYMENT = "apps/payments/base/deployment.yaml"
OVERLAY = "apps/payments/overlays/prod/kustomization.yaml"
APP = "europe-docker.pkg.dev/acme/payments/app"

# (image in the manifest, fields of the entry, result)
TABLE: list[tuple[str, dict[str, str], str]] = [
    *((image, {"newTag": "v2"}, "nginx:v2") for image in ("nginx:1.7.9", "nginx:latest", "nginx", f"nginx@{ONE}")),
    ("nginx:1.7.9", {"newName": "busybox"}, "busybox:1.7.9"),
    ("nginx", {"newName": "busybox"}, "busybox"),
    (f"nginx@{ONE}", {"newName": "busybox"}, f"busybox@{ONE}"),
    ("nginx:1.7.9", {"newName": "busybox", "newTag": "v3"}, "busybox:v3"),
    (f"nginx@{ONE}", {"newName": "busybox", "newTag": "v3"}, "busybox:v3"),
    ("nginx:1.7.9", {"digest": TWO}, f"nginx@{TWO}"),
    (f"nginx@{ONE}", {"digest": TWO}, f"nginx@{TWO}"),
    ("nginx", {"newName": "busybox", "digest": TWO}, f"busybox@{TWO}"),
    (f"nginx:1.2.1@{ONE}", {"newName": "apache"}, f"apache:1.2.1@{ONE}"),
    (f"nginx:1.2.1@{ONE}", {"newName": "apache", "newTag": "1.3.0"}, "apache:1.3.0"),
    (f"nginx:1.2.1@{ONE}", {"newName": "apache", "newTag": "1.3.0", "digest": TWO}, f"apache:1.3.0@{TWO}"),
    ("nginx:1", {"newTag": ""}, "nginx:1"),
    ("nginx:1", {}, "nginx:1"),
    ("docker.io/library/nginx:1", {"newTag": "2"}, "docker.io/library/nginx:1"),
    ("library/nginx:1", {"newTag": "2"}, "library/nginx:1"),
    ("Nginx:1", {"newTag": "2"}, "Nginx:1"),
    ("nginx-extra:1", {"newTag": "2"}, "nginx-extra:1"),
]


@pytest.mark.parametrize(("written", "fields", "result"), TABLE)
def test_truth_table(written, fields, result):
    image, entry = slots.transform(parse(written), [{"name": "nginx", **fields}])
    assert str(image) == result
    assert entry == (0 if parse(written).name == "nginx" else None)


@pytest.mark.parametrize(
    ("written", "name", "result"),
    [
        ("localhost:5000/app", "localhost:5000/app", "localhost:5000/app:2"),
        ("localhost:5000/app:1", "localhost:5000/app", "localhost:5000/app:2"),
        ("localhost:5000/app", "localhost", "localhost:5000/app"),
    ],
)
def test_a_port_belongs_to_the_name(written, name, result):
    assert str(slots.transform(parse(written), [{"name": name, "newTag": "2"}])[0]) == result


def test_entries_see_what_those_before_them_gave():
    renames, tags = {"name": "a", "newName": "b"}, {"name": "b", "newTag": "9"}
    assert slots.transform(Image("a", "1"), [renames, tags]) == (Image("b", "9"), 1)
    assert slots.transform(Image("a", "1"), [tags, renames]) == (Image("b", "1"), 1)


def test_the_last_of_two_entries_of_one_name_wins():
    moves = [{"name": "a", "newTag": "1"}, {"name": "a", "newTag": "2"}]
    assert slots.transform(Image("a"), moves) == (Image("a", "2"), 1)


def test_no_entry_changes_nothing():
    assert slots.transform(Image("a", "1"), []) == (Image("a", "1"), None)
    assert slots.transform(Image("a", "1"), [{}, {"name": "b", "newTag": "2"}]) == (Image("a", "1"), None)


# Against the real kustomize

Case = tuple[list[str], list[dict[str, str]]]  # images as manifests write them, and entries
NAMES = ("app", "app-x", "team/app", "a.b/app", "a.b:5000/app", "docker.io/library/app", "App.example/app")
TAGS = ("1", "1.10", "v2.0.0", "_x", "0x1f", "latest")


def random_image(chance: random.Random) -> str:
    tag = chance.choice(["", f":{chance.choice(TAGS)}"])
    return chance.choice(NAMES) + tag + chance.choice(["", "", f"@{chance.choice([ONE, TWO])}"])


def random_entry(chance: random.Random) -> dict[str, str]:
    fields = {
        "newName": chance.choice(NAMES),
        "newTag": chance.choice(["", *TAGS]),
        "digest": chance.choice([ONE, TWO]),
    }
    return {"name": chance.choice(NAMES)} | {key: value for key, value in fields.items() if chance.random() < 0.5}


def random_case(chance: random.Random) -> Case:
    """One that `image_entries` calls safe."""
    while True:
        written = [random_image(chance) for _ in range(6)]
        entries = [random_entry(chance) for _ in range(chance.randrange(1, 4))]
        if not list(unsafe(entries, written)):
            return written, entries


def rendered(cases: list[Case], kustomize: Path, folder: Path) -> dict[str, list[str]]:
    """The images of each case by its name: all cases are folders of one kustomization, built in one run."""
    for number, (written, entries) in enumerate(cases):
        here = folder / f"case-{number}"
        here.mkdir()
        (here / "deployment.yaml").write_text(yaml.safe_dump(manifest(f"case-{number}", written)))
        (here / "kustomization.yaml").write_text(yaml.safe_dump({"resources": ["deployment.yaml"], "images": entries}))
    listed = [f"case-{number}" for number in range(len(cases))]
    (folder / "kustomization.yaml").write_text(yaml.safe_dump({"resources": listed}))
    built = subprocess.run([kustomize, "build", folder], capture_output=True, check=True).stdout
    return {item["metadata"]["name"]: images_of(item) for item in yaml.safe_load_all(built)}


def manifest(name: str, images: list[str]) -> dict[str, Any]:
    """A Deployment of these images, the last two in init containers."""
    containers = [{"name": f"c{index}", "image": image} for index, image in enumerate(images)]
    pod = {"containers": containers[:-2], "initContainers": containers[-2:]}
    spec = {"template": {"spec": pod}}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}


def images_of(item: dict[str, Any]) -> list[str]:
    pod = item["spec"]["template"]["spec"]
    return [container["image"] for container in [*pod["containers"], *pod["initContainers"]]]


def test_kustomize_agrees(kustomize: Path, tmp_path: Path) -> None:
    chance = random.Random(581)
    table = [([row[0]] * 3, [{"name": "nginx", **row[1]}]) for row in TABLE]
    sample = [random_case(chance) for _ in range(80)]
    assert all(problem(parse(image)) is None for written, _ in sample for image in written)
    cases = table + sample
    found = rendered(cases, kustomize, tmp_path)
    expected = {
        f"case-{number}": [str(slots.transform(parse(image), entries)[0]) for image in written]
        for number, (written, entries) in enumerate(cases)
    }
    assert found == expected
    moved = [slots.transform(parse(image), entries)[1] is not None for written, entries in sample for image in written]
    assert 0.1 < sum(moved) / len(moved) < 0.9  # a sample in which nothing matches, or all, would say little


# What runs in an API


def api(files: dict[str, str]) -> Api:
    return repo_of(files).apis["payments"]


def with_init(image: str = APP) -> dict[str, str]:
    init = f"initContainers:\n        - name: migrate\n          image: {image}\n      containers:\n"
    return edited(DEPLOYMENT, "containers:\n", init)


def worker(image: str = APP) -> str:
    """Another Deployment, as one more document of the base's file."""
    return "---\n" + good()[DEPLOYMENT].replace(APP, "IMAGE").replace("payments", "worker").replace("IMAGE", image)


def test_what_runs_is_what_the_overlay_makes_of_what_is_written():
    (one,) = slots.running(api(good()), "prod")
    assert (one.deployment, one.container, one.init) == ("payments", "app", False)
    assert (one.written, one.image, one.entry) == (Image(APP), Image(APP, "v1.9.3"), 0)
    assert one.at == ("spec", "template", "spec", "containers", 0)
    assert (one.object.path, one.object.name) == (DEPLOYMENT, "payments")


def test_init_containers_run_too_and_come_first():
    found = slots.running(api(with_init()), "prod")
    assert [(one.container, one.init, str(one.image)) for one in found] == [
        ("migrate", True, f"{APP}:v1.9.3"),
        ("app", False, f"{APP}:v1.9.3"),
    ]


def test_an_entry_that_matches_nothing_leaves_what_is_written():
    (one,) = slots.running(api(edited(OVERLAY, f"name: {APP}", "name: other")), "prod")
    assert (one.image, one.entry) == (Image(APP), None)


def test_files_of_the_overlay_count_and_those_of_another_do_not():
    files = edited(OVERLAY, "  - ../../base\n", "  - ../../base\n  - worker.yaml\n")
    files["apps/payments/overlays/prod/worker.yaml"] = worker()
    assert [one.deployment for one in slots.running(api(files), "prod")] == ["payments", "worker"]
    assert [one.deployment for one in slots.running(api(files), "staging")] == ["payments"]
    assert [item.kind for item in slots.manifests(api(files), "prod")].count("Deployment") == 2


def test_only_deployments_run():
    job = good()[DEPLOYMENT].replace("kind: Deployment", "kind: StatefulSet")
    assert slots.running(api(good() | {DEPLOYMENT: job}), "prod") == ()


def test_without_an_overlay_what_is_written_runs():
    (one,) = slots.running(api(good()), "nowhere")
    assert (one.image, one.entry) == (Image(APP), None)


@pytest.mark.parametrize("images", ["images: {a: 1}", "images: [x, 1, null]", "images: x", ""])
def test_images_that_are_no_entries_move_nothing(images):
    text = good()[OVERLAY].partition("images:")[0] + images + "\n"
    files = good() | {OVERLAY: text}
    (one,) = slots.running(api(files), "prod")
    assert (one.image, one.entry) == (Image(APP), None)


def test_indexes_stay_true_beside_what_is_no_entry():
    text = good()[OVERLAY].replace("images:\n", "images:\n  - nonsense\n")
    found = api(good() | {OVERLAY: text})
    assert slots.entries(found.overlays["prod"]) == [{}, {"name": APP, "newTag": "v1.9.3"}]
    assert slots.running(found, "prod")[0].entry == 1


def test_a_slot_is_every_container_that_writes_the_repository():
    files = with_init()
    files[DEPLOYMENT] += worker() + worker("europe-docker.pkg.dev/acme/proxy").replace("worker", "proxy")
    found = api(files)
    every = slots.running(found, "prod")
    assert [one.deployment for one in every] == ["payments", "payments", "worker", "proxy"]
    for one in every[:3]:
        assert slots.slot(found, "prod", one) == every[:3]
    assert slots.slot(found, "prod", every[3]) == every[3:]


def test_two_names_that_become_one_repository_are_two_slots():
    """So two containers of one repository can move one by one."""
    files = with_init("MIGRATE")
    files[OVERLAY] += f"  - name: MIGRATE\n    newName: {APP}\n    newTag: v1\n"
    found = api(files)
    migrate, app = slots.running(found, "prod")
    assert (str(migrate.image), str(app.image)) == (f"{APP}:v1", f"{APP}:v1.9.3")
    assert slots.slot(found, "prod", migrate) == (migrate,)
    assert slots.slot(found, "prod", app) == (app,)


@pytest.mark.parametrize(
    ("deployment", "container", "image"),
    [("payments", "app", APP), ("payments", "web", ""), ("orders", "app", ""), ("", "", "")],
)
def test_declared_image(deployment, container, image):
    assert slots.declared_image(api(good()), deployment, container) == image
