"""`onboard render` prints what the real kustomize prints, and says what it cannot render."""

import subprocess
from pathlib import Path

import pytest

from tests.support.cli import Done, onboard

REGISTRY = "europe-docker.pkg.dev/acme"


@pytest.fixture
def config(tmp_path: Path, renderer: Path) -> Path:
    folder = tmp_path / "config"
    words = ["--tenant", "customer-a", "--team", "a-team", "--image", f"{REGISTRY}/payments/app:v1", "--port", "8080"]
    for done in (
        onboard("init", folder, "--registry", REGISTRY),
        onboard("team", "add", "a-team", "--tenant", "customer-a", at=folder),
        onboard("api", "add", "payments", *words, at=folder),
        onboard("generate", at=folder),
    ):
        assert done.code == 0, done.text
    return folder


@pytest.mark.parametrize(
    ("words", "folder"),
    [
        ([], "generated/prod/apps/payments"),
        (["--from", "generated"], "generated/prod/apps/payments"),
        (["--from", "overlay"], "apps/payments/overlays/prod"),
    ],
)
def test_it_is_what_kustomize_prints(config, kustomize, words, folder):
    expected = subprocess.run([kustomize, "build", config / folder], capture_output=True, text=True, check=True).stdout
    done = onboard("render", "payments", "prod", *words, at=config)
    assert done == Done(0, expected, "")
    assert "kind: Deployment" in expected


def test_what_cannot_be_rendered_is_a_finding_not_a_traceback(config):
    overlay = config / "apps/payments/overlays/prod/kustomization.yaml"
    overlay.write_text(overlay.read_text() + "patches:\n  - path: nope.yaml\n")
    done = onboard("render", "payments", "prod", "--from", "overlay", at=config)
    assert (done.code, done.out) == (1, "")
    assert "apps/payments/overlays/prod cannot be rendered" in done.err
    assert "nope.yaml" in done.err


def test_without_generated_it_says_what_writes_it(config):
    subprocess.run(["rm", "-r", config / "generated/prod"], check=True)
    done = onboard("render", "payments", "prod", at=config)
    assert done.code == 1
    assert "onboard generate" in done.err
    assert onboard("render", "payments", "prod", "--from", "overlay", at=config).code == 0


def test_names_are_suggested(config):
    assert "Did you mean 'prod'?" in onboard("render", "payments", "prdo", at=config).err
    assert "Did you mean 'payments'?" in onboard("render", "paymens", "prod", at=config).err


def test_the_version_says_which_kustomize_it_carries():
    done = onboard("--version", "--verbose")
    assert done.code == 0
    assert done.out.splitlines()[-1] == "renders with kustomize 5.8.1"
    assert onboard("--verbose", "--version") == done
    assert onboard("--version").out == done.out.splitlines()[0] + "\n"
