"""`onboard github ...`: the ruleset on stdout, what else is to be done beside it; and the lock."""

import json
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from tests.support.cli import onboard
from tests.support.git import commit, repository, status
from tests.support.repos import TEAMS, edited
from tests.support.workflows import serving, wheel

LOCK = ".github/onboard-requirements.txt"
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return repository(tmp_path / "config")


def test_the_rules_are_json_and_the_rest_is_told_beside_them(config):
    done = onboard("github", "rules", "--bot-app", "7", at=config)
    assert done.code == 0
    assert json.loads(done.out)["name"] == "onboarding: pull requests"
    command = "onboard github rules --bot-app 7 | gh api repos/acme/onboarding-config/rulesets --input -"
    assert f"  {command}\n" in done.err
    assert "onboard github rules --history" in done.err
    assert "a required workflow" in done.err
    history = onboard("github", "rules", "--history", at=config)
    assert json.loads(history.out)["name"] == "onboarding: history"


def test_a_ruleset_that_nobody_bypasses_knows_no_bot(config):
    done = onboard("github", "rules", "--history", "--bot-app", "7", at=config)
    assert (done.code, done.out) == (2, "")
    assert "--history goes alone" in done.err


def test_a_bot_that_could_not_push_is_told_of(config):
    assert "--bot-app ID, or it cannot push" in onboard("github", "rules", at=config).err


def test_what_main_lacks_is_told_from_what_github_answers(config, tmp_path):
    rules = json.loads(onboard("github", "rules", at=config).out)["rules"]
    file = tmp_path / "rules.json"
    file.write_text(json.dumps(rules))
    done = onboard("github", "check", str(file), at=config)
    assert (done.code, done.out) == (0, "main is protected as `onboard github rules` wants it.\n")
    assert "who bypasses" in done.err
    file.write_text(json.dumps([one for one in rules if one["type"] != "deletion"]))
    done = onboard("github", "check", str(file), at=config)
    assert (done.code, done.out) == (1, "main may be deleted\n")
    assert "1 gap. `onboard github rules` prints a ruleset that has none." in done.err


def test_rules_that_are_not_there_or_no_rules_are_said(config, tmp_path):
    done = onboard("github", "check", str(tmp_path / "none.json"), at=config)
    assert (done.code, done.out) == (3, "")
    assert "none.json" in done.err
    done = onboard("github", "check", at=config)  # with an empty standard input
    assert (done.code, done.out) == (2, "")
    assert "gh api 'repos/OWNER/REPO/rules/branches/main?per_page=100'" in done.err


def test_no_rules_come_from_a_broken_repo(config):
    commit(config, {"platform.yaml": "kind: [\n"})
    done = onboard("github", "rules", at=config)
    assert (done.code, done.out) == (1, "")


def test_no_rules_that_nobody_would_keep(config):
    commit(config, {"teams.yaml": TEAMS.replace("{github: acme/platform, members: [{login: kim, id: 1}]}", "{}")})
    done = onboard("github", "rules", at=config)
    assert (done.code, done.out) == (2, "")
    assert "nobody owns .github/" in done.err


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """pip knows no others."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def test_the_lock_names_each_wheel_by_its_hash(config, wheels):
    needed, tool = wheel(wheels, "needed"), wheel(wheels, "onboarding-tool", "needed>=0.1")
    done = onboard("github", "lock", tool.as_uri(), "--python", PYTHON, at=config)
    assert done.code == 0, done.err
    lines = (config / LOCK).read_text().splitlines()
    assert [line for line in lines if not line.startswith("#")] == [
        f"needed==0.1.0 --hash=sha256:{digest(needed)}",
        f"onboarding-tool @ {tool.as_uri()} --hash=sha256:{digest(tool)}",
    ]
    assert status(config) == [f"?? {LOCK}"]
    assert done.err.startswith(f"{LOCK}: onboarding-tool 0.1.0, and 1 wheel that it needs. Commit it")
    assert "upgrade" not in done.err


def test_a_lock_of_another_version_than_that_of_the_repo_is_told_of(config, wheels):
    commit(config, {"platform.yaml": edited("platform.yaml", '"0.1.0"', '"0.0.9"')["platform.yaml"]})
    done = onboard("github", "lock", wheel(wheels, "onboarding-tool").as_uri(), "--python", PYTHON, at=config)
    assert done.code == 0, done.err
    assert "platform.yaml is made with 0.0.9: then only the `onboard upgrade` of 0.1.0 is accepted" in done.err


def digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def test_an_index_is_named_in_the_lock(config, wheels, monkeypatch):
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    needed, tool = wheel(wheels, "needed"), wheel(wheels, "onboarding-tool", "needed>=0.1")
    page = f'<a href="{needed.name}">{needed.name}</a>'.encode()
    with serving(
        {"/simple/needed/": (200, page), f"/simple/needed/{needed.name}": (200, needed.read_bytes())}
    ) as index:
        words = ["--python", PYTHON, "--index-url", f"{index.url}/simple"]
        done = onboard("github", "lock", tool.as_uri(), *words, at=config)
    assert done.code == 0, done.err
    lines = [line for line in (config / LOCK).read_text().splitlines() if not line.startswith("#")]
    assert lines[:2] == [f"--index-url {index.url}/simple", f"needed==0.1.0 --hash=sha256:{digest(needed)}"]


def test_a_lock_for_another_python_is_told_of(config, wheels):
    tool = wheel(wheels, "onboarding-tool")
    done = onboard("github", "lock", tool.as_uri(), "--python", "3.99", at=config)
    assert "`onboard` should run on 3.99" in done.err
    assert f"{LOCK}: onboarding-tool 0.1.0. " in done.err
    assert "Python 3.99 on Linux" in (config / LOCK).read_text()


@pytest.mark.parametrize(
    ("source", "code", "said"),
    [
        ("onboarding-tool==0.1.0", 3, "pip cannot tell what onboarding-tool==0.1.0 needs: "),
        ("--index-url=http://elsewhere", 2, ""),
        ("other", 2, "'other' is neither the URL of a wheel nor NAME==VERSION"),
        ("other>=0.1", 2, "'other>=0.1' is neither"),
        ("dist/onboarding_tool-0.1.0-py3-none-any.whl", 2, "put it where the runner can read it, and name its URL"),
        ("https://wheels.example/onboarding_tool-0.1.0.tar.gz", 2, "is neither"),
        ("https://kim:secret@wheels.example/onboarding_tool-0.1.0-py3-none-any.whl", 2, "a password or token"),
    ],
)
def test_a_wheel_that_cannot_be_locked(config, wheels, source, code, said):
    wheel(wheels, "other")
    done = onboard("github", "lock", source, at=config)
    assert (done.code, done.out) == (code, "")
    assert said in done.err
    assert "secret" not in done.err
    assert status(config) == []
