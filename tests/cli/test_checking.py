"""`onboard check` for people, programs and GitHub; colour; and what it does not know."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from onboarding_tool.checks import judging
from onboarding_tool.gate import judge
from onboarding_tool.wording import listed
from tests.support.cli import generated, onboard
from tests.support.git import git, write
from tests.support.repos import edited, good

OVERLAY = "apps/payments/overlays/prod/kustomization.yaml"
HISTORY = {rule.RULE for rule in judging.RULES if "history" in rule.NEEDS}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A config repo that passes, committed."""
    return generated(tmp_path / "config")


def break_it(root: Path) -> None:
    """One error and one warning."""
    write(root, edited(OVERLAY, "newTag: v1.9.3 # the last good one", "newTag: latest"))
    write(root, {"apps/payments/base/extra.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: extra}\n"})


def test_a_good_repo(config):
    done = onboard("check", "--strict", at=config)
    assert (done.code, done.out, done.err) == (0, "No findings.\n", "")


def test_findings_go_to_stdout_and_end_with_1(config):
    break_it(config)
    done = onboard("check", at=config)
    assert (done.code, done.err) == (1, "")
    assert done.out.splitlines()[0] == (
        "apps/payments/base/extra.yaml:1:1: warning manifest-unlisted: payments: apps/payments/base/kustomization.yaml"
        " does not list 'extra.yaml', so it is not delivered"
    )
    assert f"{OVERLAY}:8:13: error image-tag-forbidden: " in done.out
    assert done.out.endswith("1 error, 1 warning. `onboard explain RULE` says more.\n")


def test_warnings_fail_only_strictly(config):
    write(config, {"apps/payments/base/extra.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: extra}\n"})
    assert onboard("check", at=config).code == 0
    assert onboard("check", "--strict", at=config).code == 1


def test_json_has_exactly_the_shape_that_scripts_read(config):
    break_it(config)
    done = onboard("check", "--format", "json", at=config)
    assert (done.code, done.err) == (1, "")
    value = json.loads(done.out)
    assert list(value) == ["findings", "skipped"]
    assert value["skipped"] == []
    assert [list(finding) for finding in value["findings"]] == [
        ["rule", "severity", "path", "line", "column", "message", "hint", "who"]
    ] * 2
    warning, error = value["findings"]
    assert (warning["rule"], warning["severity"], warning["who"]) == ("manifest-unlisted", "warning", "platform team")
    assert (error["rule"], error["severity"], error["path"]) == ("image-tag-forbidden", "error", OVERLAY)
    assert (error["line"], error["column"]) == (8, 13)
    assert all(isinstance(error[key], str) and error[key] for key in ("message", "hint", "who"))


def test_json_of_a_good_repo(config):
    done = onboard("check", "--format", "json", at=config)
    assert (done.code, json.loads(done.out)) == (0, {"findings": [], "skipped": []})


def test_renders_are_kept_for_the_next_run_unless_that_is_not_wanted(config):
    assert onboard("check", "--no-cache", at=config).code == 0
    assert not (config / ".onboard/cache").exists()
    first, second = onboard("check", at=config), onboard("check", at=config)
    assert first == second
    assert list((config / ".onboard/cache").glob("*.sqlite3"))


def test_a_cache_that_comes_with_the_repository_is_not_believed(config):
    onboard("check", at=config)
    git(config, "add", "-f", ".onboard/cache")
    done = onboard("check", at=config)
    assert done.code == 0
    assert ".onboard/cache is tracked by git, so it is not used: `git rm -r --cached .onboard/cache`" in done.err


def test_github(config):
    break_it(config)
    lines = onboard("check", "--format", "github", at=config).out.splitlines()
    assert lines[0].startswith(f"::error file={OVERLAY},line=8,col=13,title=image-tag-forbidden::")
    assert lines[1].startswith("::warning file=apps/payments/base/extra.yaml,line=1,col=1,title=manifest-unlisted::")
    assert len(lines) == 3


# What it could not judge


def test_outside_of_git_it_says_skipped_and_fails_strictly(tmp_path):
    write(tmp_path, good())
    assert onboard("generate", at=tmp_path).code == 0
    done = onboard("check", at=tmp_path)
    assert done.code == 0
    (skipped,) = (line for line in done.out.splitlines() if line.startswith("skipped "))
    assert skipped.startswith(f"skipped {listed(sorted(HISTORY))}: ")
    assert "git init -b main && git add -A && git commit" in skipped
    assert done.out.splitlines()[-1].startswith("No findings; ")
    assert onboard("check", "--strict", at=tmp_path).code == 1
    value = json.loads(onboard("check", "--strict", "--format", "json", at=tmp_path).out)
    assert value["findings"] == []
    assert {item["rule"] for item in value["skipped"]} == HISTORY
    assert all(set(item) == {"rule", "reason"} and item["reason"] for item in value["skipped"])


def test_on_a_disk_without_modes_no_file_is_executable(config):
    """A Windows disk in a Linux machine says so of each, and git is told not to look."""
    git(config, "config", "core.fileMode", "false")
    for file in config.glob("apps/**/*.yaml"):
        file.chmod(0o777)
    assert onboard("check", "--strict", at=config).out == "No findings.\n"


def test_a_shallow_clone_says_what_it_lacks(config, tmp_path):
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{config}", "shallow")
    done = onboard("check", at=tmp_path / "shallow")
    assert done.code == 0
    assert "shallow" in done.out
    assert "git fetch --unshallow" in done.out
    assert onboard("check", "--strict", at=tmp_path / "shallow").code == 1


def test_before_the_first_commit_it_can_be_judged(tmp_path):
    write(tmp_path, good())
    git(tmp_path, "init", "-q", "-b", "main")
    assert onboard("generate", at=tmp_path).code == 0
    assert onboard("check", "--strict", at=tmp_path).code == 0


# Colour, only where somebody looks


@pytest.mark.parametrize(
    ("words", "environment", "colored"),
    [
        ([], {}, False),
        ([], {"CLICOLOR_FORCE": "1"}, True),
        ([], {"CLICOLOR_FORCE": "0"}, False),
        ([], {"FORCE_COLOR": "1"}, True),
        ([], {"FORCE_COLOR": "0"}, False),
        ([], {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ([], {"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, False),
        ([], {"CLICOLOR_FORCE": "1", "NO_COLOR": ""}, True),
        ([], {"CLICOLOR_FORCE": "1", "TERM": "dumb"}, False),
        (["--color", "always"], {"NO_COLOR": "1"}, True),
        (["--color", "never"], {"CLICOLOR_FORCE": "1"}, False),
        (["--color", "auto"], {}, False),
    ],
)
def test_color(config, monkeypatch, words, environment, colored):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    break_it(config)
    done = onboard(*words, "check", at=config)
    assert ("\x1b[" in done.out) is colored
    assert "\x1b" not in onboard(*words, "check", "--format", "json", at=config).out
    assert "\x1b" not in onboard(*words, "check", "--format", "github", at=config).out


@pytest.mark.parametrize(("environment", "colored"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_a_terminal_gets_color(config, environment, colored):
    break_it(config)
    ours, theirs = pty.openpty()
    code = "from onboarding_tool.cli import main; main()"
    variables = {name: value for name, value in os.environ.items() if name != "NO_COLOR"} | {"TERM": "xterm"}
    try:
        subprocess.run(
            [sys.executable, "-c", code, "check"], cwd=config, env=variables | environment, stdout=theirs, check=False
        )
        assert (b"\x1b[31merror\x1b[0m" in os.read(ours, 65536)) is colored
    finally:
        os.close(theirs)
        os.close(ours)


# explain and rules


@pytest.mark.parametrize("rule", ["image-tag-missing", "team-unknown"])
def test_explain_prints_the_page(rule):
    done = onboard("explain", rule)
    assert done.code == 0
    assert done.out.startswith(f"{rule}\n\n")
    assert all(part in done.out for part in ("Bad:", "Good:", "Fix:"))


def test_rules_lists_each_with_its_sentence():
    lines = onboard("rules").out.splitlines()
    assert lines[0].split() == ["RULE", "WHAT", "IT", "WANTS"]
    assert [line.split()[0] for line in lines[1:]] == sorted(rule.RULE for rule in (*judging.RULES, *judge.RULES))
    assert all(line.endswith(".") for line in lines[1:])


# generate


def test_generate_for_one_environment_leaves_the_others(config):
    (config / "generated/root/prod.yaml").write_text("stale\n")
    (config / "generated/root/staging.yaml").write_text("stale\n")
    assert onboard("generate", "--env", "prod", at=config).code == 0
    assert (config / "generated/root/prod.yaml").read_text() != "stale\n"
    assert (config / "generated/root/staging.yaml").read_text() == "stale\n"


def test_generate_check_names_what_is_stale_missing_or_foreign_and_writes_nothing(config):
    (config / "generated/root/prod.yaml").write_text("stale\n")
    (config / "generated/root/staging.yaml").unlink()
    (config / "generated/foreign.yaml").write_text("")
    before = git(config, "status", "--porcelain", "--untracked-files=all")
    done = onboard("generate", "--check", at=config)
    assert done.code == 1
    assert set(done.out.splitlines()) == {
        "stale generated/root/prod.yaml",
        "missing generated/root/staging.yaml",
        "foreign generated/foreign.yaml",
    }
    assert git(config, "status", "--porcelain", "--untracked-files=all") == before
