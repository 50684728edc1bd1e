"""The whole story through the command line, on real git: from an empty folder to a rollback, and out again."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.support.cli import onboard

REGISTRY = "europe-docker.pkg.dev/acme"
IMAGE = f"{REGISTRY}/payments/app"


def git(at: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=at, check=True, capture_output=True, text=True).stdout


def commit(at: Path, message: str) -> None:
    git(at, "add", "-A")
    git(at, "commit", "-qm", message)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A config repo with one scaffolded API, committed."""
    folder = tmp_path / "config"
    assert onboard("init", folder, "--registry", REGISTRY).code == 0
    ok(onboard("team", "add", "platform-team", "--github", "acme/platform", at=folder))
    ok(onboard("team", "add", "payments-team", "--tenant", "customer-a", "--member", "alice=1001", at=folder))
    words = ["--tenant", "customer-a", "--team", "payments-team", "--image", f"{IMAGE}:v1.0.0", "--port", "8080"]
    ok(onboard("api", "add", "payments", *words, "--legacy-host", "payments.customer-a.com", at=folder))
    ok(onboard("generate", at=folder))
    commit(folder, "One API")
    return folder


def ok(done):
    assert done.code == 0, done.text
    return done


def test_a_scaffolded_api_passes_strictly(config):
    done = ok(onboard("check", "--strict", at=config))
    assert "No findings" in done.out


def test_request_apply_roll_back(config):
    asked = ok(onboard("request", "payments", "prod", f"{IMAGE}:v2.0.0", "--reason", "CHG-1", at=config))
    path = asked.out.strip()
    assert path.startswith("apps/payments/requests/prod/")
    assert "git switch -c" in asked.err
    commit(config, "v2, please")
    ok(onboard("release", "apply", at=config))
    assert git(config, "log", "-1", "--format=%s").strip() == "release(payments/prod): app v1.0.0 -> v2.0.0"
    assert not (config / path).exists()
    shown = json.loads(ok(onboard("api", "show", "payments", "--format", "json", at=config)).out)
    release = shown["environments"]["prod"]["last_release"]
    assert release["new_image"] == f"{IMAGE}:v2.0.0"
    assert shown["environments"]["staging"]["images"][0]["image"] == f"{IMAGE}:v1.0.0"
    ok(onboard("request", "payments", "prod", release["old_image"], "--rollback-of", release["id"], at=config))
    commit(config, "Back")
    ok(onboard("release", "apply", at=config))
    assert git(config, "log", "-1", "--format=%s").strip() == "release(payments/prod): app v2.0.0 -> v1.0.0"
    ok(onboard("check", "--strict", at=config))
    assert git(config, "status", "--porcelain") == ""


def test_retirement_takes_two_commits(config):
    early = onboard("api", "remove", "payments", at=config)
    assert early.code == 2
    assert "onboard api retire payments" in early.err
    ok(onboard("api", "retire", "payments", at=config))
    ok(onboard("generate", at=config))
    commit(config, "Retire payments")
    ok(onboard("check", "--strict", at=config))
    ok(onboard("api", "remove", "payments", at=config))
    ok(onboard("generate", at=config))
    commit(config, "Remove payments")
    ok(onboard("check", "--strict", at=config))
    assert (config / "apps/payments/metadata.yaml").is_file()
    assert not (config / "apps/payments/base").exists()
    assert not (config / "generated/prod/applications/customer-a/payments.yaml").exists()


def test_generate_restores_what_was_deleted_byte_for_byte(config):
    before = git(config, "rev-parse", "HEAD:generated")
    subprocess.run(["rm", "-rf", config / "generated"], check=True)
    stale = onboard("generate", "--check", at=config)
    assert stale.code == 1
    assert "missing generated/" in stale.out
    ok(onboard("generate", at=config))
    git(config, "add", "-A")
    assert git(config, "write-tree").strip() == git(config, "rev-parse", "HEAD^{tree}").strip()
    assert git(config, "rev-parse", "HEAD:generated") == before
    assert "up to date" in ok(onboard("generate", "--check", at=config)).out


def test_bump_changes_one_line(config):
    ok(onboard("bump", "payments", "staging", f"{IMAGE}:v1.1.0", at=config))
    assert git(config, "diff", "--numstat").split() == ["1", "1", "apps/payments/overlays/staging/kustomization.yaml"]
    again = ok(onboard("bump", "payments", "staging", f"{IMAGE}:v1.1.0", at=config))
    assert "already" in again.err


def test_upgrade_is_one_commit_and_then_nothing(config):
    platform = config / "platform.yaml"
    text = platform.read_text().replace('version: "0.1.0"', 'version: "0.0.9"', 1)
    platform.write_text(text.replace('kustomize: "5.8"\n', ""))
    schema = config / ".onboard/schemas/api.json"
    schema.write_text("{}\n")
    commit(config, "As an older tool left it")
    assert "tool-version-mismatch" in onboard("check", at=config).out
    before = git(config, "rev-list", "--count", "HEAD")
    ok(onboard("upgrade", at=config))
    assert int(git(config, "rev-list", "--count", "HEAD")) == int(before) + 1
    assert 'kustomize: "5.8"' in platform.read_text()
    assert "# key: the cluster's name in Argo CD." in platform.read_text()
    ok(onboard("check", "--strict", at=config))
    assert "Nothing to do" in ok(onboard("upgrade", at=config)).err


def test_upgrade_never_moves_back(config):
    platform = config / "platform.yaml"
    platform.write_text(platform.read_text().replace('version: "0.1.0"', 'version: "9.9.9"', 1))
    commit(config, "As a newer tool left it")
    before = git(config, "rev-parse", "HEAD")
    done = onboard("upgrade", at=config)
    assert done.code == 2
    assert "Install version 9.9.9" in done.err
    assert (git(config, "rev-parse", "HEAD"), git(config, "status", "--porcelain")) == (before, "")


def test_upgrade_writes_the_pin_that_was_not_there(config):
    platform = config / "platform.yaml"
    platform.write_text(platform.read_text().replace('tool: {version: "0.1.0"}\n', "", 1))
    commit(config, "Somebody deleted it")
    ok(onboard("upgrade", at=config))
    ok(onboard("check", "--strict", at=config))


def test_upgrade_leaves_alone_what_cannot_be_read(config):
    (config / "apps/payments/metadata.yaml").write_text("a: [\n")
    commit(config, "Broken")
    done = onboard("upgrade", at=config)
    assert done.code == 1
    assert "apps/payments/metadata.yaml:" in done.err


def test_the_demo_ends_well(tmp_path):
    done = ok(onboard("demo", tmp_path / "demo"))
    assert "request-field-forbidden" in done.out
    assert "$ onboard release apply" in done.out
    log = git(tmp_path / "demo/config", "log", "--format=%s").splitlines()
    assert [line for line in log if line.startswith("release(")][::-1][0].startswith("release(payments/prod): refused")
    assert git(tmp_path / "demo/config", "status", "--porcelain") == ""
    assert onboard("check", "--strict", at=tmp_path / "demo/config").code == 0
