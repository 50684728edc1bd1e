import os
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


def test_what_a_killed_process_left_does_not_make_a_folder_full(tmp_path):
    left = tmp_path / ".onboard-tmp-0123456789abcdef"
    left.mkdir()
    (left / "platform.yaml").write_text("half")
    assert onboard("init", tmp_path).code == 0
    assert onboard("-C", tmp_path, "check", "--strict").code == 0
    assert left.is_dir()  # until it is old, it may be somebody's


def test_what_is_old_of_a_killed_process_goes(tmp_path):
    left = tmp_path / ".onboard-tmp-0123456789abcdef"
    left.mkdir()
    os.utime(left, (0, 0))
    assert onboard("init", tmp_path / "config").code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["config"]


@pytest.mark.parametrize("command", ["init", "demo"])
def test_no_config_repo_is_made_in_another_one(tmp_path, command):
    onboard("init", tmp_path / "config")
    done = onboard(command, tmp_path / "config/apps/new")
    assert done.code == 2
    assert f"new lies in the config repo {tmp_path / 'config'}" in done.err
    assert not (tmp_path / "config/apps/new").exists()


def test_who_stands_in_the_folder_stays_there(tmp_path, monkeypatch):
    """It is filled, and not another one put in its place."""
    monkeypatch.chdir(tmp_path)
    before = tmp_path.stat().st_ino
    assert onboard("init", ".").code == 0
    assert tmp_path.stat().st_ino == before
    assert onboard("check", "--strict").code == 0


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
    assert f"--env: '{name}'" in done.err
    assert not (tmp_path / "config").exists()


def test_every_modeline_resolves(tmp_path):
    config = tmp_path / "config"
    onboard("init", config)
    files = [path for path in config.rglob("*.yaml") if "yaml-language-server" in path.read_text()]
    assert {path.name for path in files} == {"platform.yaml", "teams.yaml"}
    for path in files:
        target = path.read_text().splitlines()[0].partition("$schema=")[2]
        assert (path.parent / target).is_file()


@pytest.mark.parametrize(
    ("option", "value", "allowed"),
    [
        ("--repository", "not a url", "https://github.com/acme/onboarding-config.git"),
        ("--repository", "https://kim:secret@git.example/x.git", "No password or token"),
        ("--repository", "https://git.example/\u202ex.git", "For example"),
        ("--repository", "", "For example"),
        ("--registry", "https://ghcr.io/acme", "no scheme, tag or digest"),
        ("--registry", "ghcr.io/acme/app:v1", "no scheme, tag or digest"),
        ("--registry", "", "A registry host"),
    ],
)
@pytest.mark.parametrize("exists", [True, False])
def test_a_wish_that_cannot_be_met_is_refused_by_its_option_before_anything_is_made(
    tmp_path, option, value, allowed, exists
):
    if exists:
        (tmp_path / "config").mkdir()
    done = onboard("init", tmp_path / "config", option, value)
    assert done.code == 2
    assert f"{option}: " in done.err
    assert allowed in done.err
    assert "platform.yaml:" not in done.err
    assert list(tmp_path.rglob("*")) == ([tmp_path / "config"] if exists else [])


@pytest.mark.parametrize("exists", [True, False])
def test_after_a_failure_the_folder_is_as_it_was_and_the_same_command_works(tmp_path, monkeypatch, exists):
    config = tmp_path / "new/config"
    if exists:
        config.mkdir(parents=True)
    before = list(tmp_path.rglob("*"))
    signing = {"commit.gpgSign": "true", "gpg.program": "false"}
    monkeypatch.setenv("GIT_CONFIG_COUNT", str(len(signing)))
    for index, (key, value) in enumerate(signing.items()):
        monkeypatch.setenv(f"GIT_CONFIG_KEY_{index}", key)
        monkeypatch.setenv(f"GIT_CONFIG_VALUE_{index}", value)
    assert onboard("init", config).code == 3
    assert list(tmp_path.rglob("*")) == before
    monkeypatch.setenv("GIT_CONFIG_COUNT", "0")
    assert onboard("init", config).code == 0


@pytest.mark.parametrize("command", ["init", "demo"])
def test_a_file_is_no_folder(tmp_path, command):
    (tmp_path / "taken").write_text("x")
    done = onboard(command, tmp_path / "taken")
    assert done.code == 2
    assert f"{tmp_path / 'taken'} is a file, and a folder is needed" in done.err
    assert (tmp_path / "taken").read_text() == "x"


def test_what_to_do_next_can_be_pasted(tmp_path):
    remote = tmp_path / "remote.git"
    subprocess.check_call(["git", "init", "-q", "--bare", remote])
    done = onboard("init", tmp_path / "my config; it's")
    lines = done.err.partition("Next:\n")[2].splitlines()
    script = " && ".join(lines[:2]).replace(" URL ", f" {remote} ")
    subprocess.run(["sh", "-ec", script], check=True, env=os.environ, capture_output=True)
    assert subprocess.check_output(["git", "branch", "--list", "main"], cwd=remote, text=True).split()[-1] == "main"
    assert "onboard team add" in lines[2]


def test_the_address_that_was_given_is_the_remote_to_push_to(tmp_path):
    done = onboard("init", tmp_path / "config", "--repository", "git@git.example:acme/config.git")
    assert "git remote add origin git@git.example:acme/config.git && git push -u origin main" in done.err
