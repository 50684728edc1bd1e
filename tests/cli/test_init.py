import subprocess

import pytest

from tests.support.cli import onboard


def test_what_init_makes_passes_strictly(tmp_path):
    assert onboard("init", tmp_path / "config").code == 0
    done = onboard("-C", tmp_path / "config", "check", "--strict")
    assert (done.code, done.out) == (0, "No findings.\n")
    log = subprocess.check_output(["git", "log", "--format=%D"], cwd=tmp_path / "config", text=True)
    assert log == "HEAD -> main\n"


def test_wishes_are_taken_in(tmp_path):
    config = tmp_path / "config"
    words = ["--repository", "ssh://git@git.example/x.git", "--env", "qa", "--env", "prod-eu"]
    registries = ["--registry", "ghcr.io/acme", "--registry", "docker.io/library"]
    assert onboard("init", config, *words, *registries).code == 0
    assert onboard("-C", config, "check", "--strict").code == 0
    platform = (config / "platform.yaml").read_text()
    assert "registries: [ghcr.io/acme, docker.io/library]" in platform
    assert "staging" not in platform.split("\nclusters:")[1].replace("# ", "").split("environments:")[0]
    assert sorted(path.name for path in (config / "generated/root").iterdir()) == ["prod-eu.yaml", "qa.yaml"]


def test_a_folder_that_is_not_empty_is_refused(tmp_path):
    (tmp_path / "mine").write_text("x")
    done = onboard("init", tmp_path)
    assert done.code == 2
    assert "is not empty" in done.err
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_without_an_identity_nothing_is_made(tmp_path, monkeypatch):
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.delenv(f"GIT_{role}_NAME")
        monkeypatch.delenv(f"GIT_{role}_EMAIL")
    done = onboard("init", tmp_path / "config")
    assert done.code == 3
    assert "git config --global user.name" in done.err
    assert "git config --global user.email" in done.err
    assert not (tmp_path / "config").exists()


@pytest.mark.parametrize("name", ["Prod", "a_b", "-x", "x" * 41, "9lives", "päth"])
def test_a_bad_environment_name_is_refused(tmp_path, name):
    done = onboard("init", tmp_path / "config", f"--env={name}")
    assert done.code == 2
    assert name in done.err
    assert not (tmp_path / "config").exists()


def test_every_modeline_resolves(tmp_path):
    config = tmp_path / "config"
    onboard("init", config)
    files = [path for path in config.rglob("*.yaml") if "yaml-language-server" in path.read_text()]
    assert {path.name for path in files} == {"platform.yaml", "teams.yaml"}
    for path in files:
        target = path.read_text().splitlines()[0].partition("$schema=")[2]
        assert (path.parent / target).is_file()
