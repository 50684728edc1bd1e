"""Promises about the project itself: every rule is listed, documented and tested; starting up stays cheap."""

import os
import re
import subprocess
import sys
from inspect import getdoc
from pathlib import Path

import pytest

from onboarding_tool.checks import judging
from onboarding_tool.gate import judge

ROOT = Path(__file__).resolve().parent.parent
CHECKS = ROOT / "onboarding_tool/checks"
RULE_FILES = {path.stem for path in CHECKS.glob("*.py") if "\nRULE = " in path.read_text(encoding="utf-8")}
OF_GATE = {path.stem for path in (ROOT / "onboarding_tool/gate/rules").glob("[a-z]*.py")}
HEAVY = ("git", "github", "jsonschema", "kubernetes", "ruamel", "yaml")


def test_every_rule_module_is_listed_and_sorted():
    names = [rule.RULE for rule in judging.RULES]
    assert names == sorted(names)
    assert {name.replace("-", "_") for name in names} == RULE_FILES


@pytest.mark.parametrize("rule", judging.RULES, ids=lambda rule: rule.RULE)
def test_every_rule_has_a_page_and_a_test(rule):
    page = getdoc(rule) or ""
    assert re.match(r"[A-Za-z`].*\.$", page.partition("\n")[0]), "the first line is one sentence"
    assert all(part in page for part in ("Bad:", "Good:", "Fix:")), "the page shows bad, good and the fix"
    assert (ROOT / f"tests/checks/test_{rule.RULE.replace('-', '_')}.py").is_file()


def test_every_rule_of_the_gate_is_listed_and_sorted():
    names = [rule.RULE for rule in judge.RULES]
    assert names == sorted(names)
    assert {name.replace("-", "_") for name in names} == OF_GATE
    assert not set(names) & {rule.RULE for rule in judging.RULES}


@pytest.mark.parametrize("rule", judge.RULES, ids=lambda rule: rule.RULE)
def test_every_rule_of_the_gate_has_a_page_and_a_pull_request_that_breaks_it(rule):
    page = getdoc(rule) or ""
    assert re.match(r"[A-Za-z`].*\.$", page.partition("\n")[0]), "the first line is one sentence"
    assert all(part in page for part in ("Bad:", "Good:", "Fix:")), "the page shows bad, good and the fix"
    assert f'"{rule.RULE}"' in (ROOT / "tests/adapters/test_gating.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["api", "import", "--help"]])
def test_help_imports_nothing_heavy(words):
    code = f"""
import sys
from onboarding_tool.cli.app import app
try:
    app({words!r})
except SystemExit as end:
    assert end.code == 0, end.code
heavy = sorted(name for name in sys.modules if name.split(".")[0] in {HEAVY!r})
assert not heavy, heavy
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("line", ["onboard api show pa", "onboard request pa", "onboard wait pa", "onboard re"])
def test_completion_imports_nothing_heavy(tmp_path, line):
    (tmp_path / "apps/payments").mkdir(parents=True)
    (tmp_path / "platform.yaml").touch()
    code = f"""
import sys
from onboarding_tool.cli import main
try:
    main()
except SystemExit as end:
    assert end.code == 0, end.code
heavy = sorted(name for name in sys.modules if name.split(".")[0] in {(*HEAVY, "jsonschema_rs")!r})
assert not heavy, heavy
"""
    asked = {"_ONBOARD_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
    done = subprocess.run(
        [sys.executable, "-c", code, "onboard"],
        cwd=tmp_path,
        env={**os.environ, **asked},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert line.rpartition(" ")[2] in done.stdout
