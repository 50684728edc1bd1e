"""What `--help` shows: every sentence as a whole, in lines that fit the terminal."""

import re

import pytest

from onboarding_tool.cli.app import COMMANDS, GROUPS
from tests.support.cli import onboard

PAGES = ["", *GROUPS, *COMMANDS]


@pytest.mark.parametrize("columns", [60, 80])
@pytest.mark.parametrize("path", PAGES, ids=[path or "onboard" for path in PAGES])
def test_each_line_fits_and_no_sentence_is_cut(monkeypatch: pytest.MonkeyPatch, path: str, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    done = onboard(*path.split(), "--help")
    assert (done.code, done.err) == (0, "")
    usage, _, told = done.out.partition("\n\n")
    assert usage.startswith(f"Usage: onboard {path}".rstrip())
    assert [line for line in done.out.splitlines() if len(line) > columns] == []
    assert not re.search(r"[a-z],?\.\.\.", told)


@pytest.mark.parametrize("columns", ["60", "80"])
def test_each_command_is_listed_with_its_first_sentence(monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    for path in COMMANDS:
        group, _, name = path.rpartition(" ")
        _, _, listed = onboard(*group.split(), "--help").out.partition("\nCommands:\n")
        _, _, about = onboard(*path.split(), "--help").out.partition("\n\n")
        sentence, _, _ = " ".join(about.split()).partition(". ")
        assert f" {name} {sentence.removesuffix('.')}." in f" {' '.join(listed.split())}"
