"""The documentation as its readers meet it: blocks to type, commands in the text, headings and links."""

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.support.cli import ONBOARD, Done

ROOT = Path(__file__).resolve().parent.parent.parent
TEMPLATE = "repo-template/README.md"
PAGES = sorted(
    path.relative_to(ROOT).as_posix() for path in (*ROOT.glob("*.md"), ROOT / TEMPLATE, *(ROOT / "docs").rglob("*.md"))
)

IMAGE = "europe-docker.pkg.dev/acme/payments/app"
STORIES = "tests/docs/test_stories.py"
EXAMPLES = "tests/docs/test_examples.py"
FIRST_DELIVERY = "tests/e2e/test_first_delivery_page.py::test_the_page_leads_to_a_delivery_to_a_release_and_back"
EXPORT = "tests/e2e/test_adoption.py::test_the_documented_export_is_what_import_takes"
RIGHTS = "tests/e2e/test_doctor.py::test_the_documented_rights_are_enough_and_not_too_many"
# Where each fenced block is executed: page, how the block begins, test. What a command shows belongs to its block.
EXECUTED = (
    ("README.md", "flowchart", "tests/docs/test_commands.py::test_a_diagram_names_commands_that_there_are"),
    ("README.md", "make demo", "tests/slow/test_readme.py::test_two_commands_are_enough"),
    ("README.md", "pip install", "tests/slow/test_readme.py::test_it_installs"),
    ("README.md", "onboard init", f"{STORIES}::test_the_readme"),
    ("README.md", "onboard request", f"{STORIES}::test_the_readme"),
    ("README.md", "onboard release apply", f"{STORIES}::test_the_readme"),
    ("CONTRIBUTING.md", "from tests.cluster", f"{EXAMPLES}::test_the_example_of_a_test_is_one"),
    ("docs/app-teams.md", f"onboard request payments prod {IMAGE}:v2", f"{STORIES}::test_app_teams"),
    ("docs/app-teams.md", "# yaml-language-server", f"{STORIES}::test_app_teams"),
    ("docs/app-teams.md", f"onboard request payments prod {IMAGE}:v1", f"{STORIES}::test_app_teams"),
    ("docs/argo-cd.md", "generated/root", f"{EXAMPLES}::test_the_layout_of_what_is_generated"),
    ("docs/ci-bot.md", "git pull", f"{STORIES}::test_the_ci_bot"),
    ("docs/decisions/0007-renderer.md", "cd renderer", "tests/slow/test_races.py::test_the_documented_measurement"),
    ("docs/first-delivery.md", "onboard init", FIRST_DELIVERY),
    ("docs/first-delivery.md", "onboard team add", FIRST_DELIVERY),
    ("docs/first-delivery.md", "kubectl apply", FIRST_DELIVERY),
    ("docs/first-delivery.md", "onboard request", FIRST_DELIVERY),
    ("docs/first-delivery.md", "id=", FIRST_DELIVERY),
    ("docs/platform-team.md", "onboard init", f"{STORIES}::test_the_platform_team_begins"),
    ("docs/platform-team.md", "onboard team add", f"{STORIES}::test_the_platform_team_begins"),
    ("docs/platform-team.md", "kubectl get", EXPORT),
    ("docs/platform-team.md", "apiVersion: onboarding/v1", f"{EXAMPLES}::test_exceptions"),
    ("docs/platform-team.md", "onboard gate", f"{STORIES}::test_the_platform_team_judges_a_pull_request"),
    ("docs/platform-team.md", "onboard diff", f"{STORIES}::test_the_platform_team_sees_what_changes"),
    ("docs/platform-team.md", "onboard doctor", "tests/e2e/test_doctor.py::test_the_page_shows_what_it_prints"),
    ("docs/platform-team.md", "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\n", RIGHTS),
    ("docs/platform-team.md", "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\n", RIGHTS),
    ("docs/platform-team.md", "onboard wait", "tests/e2e/test_wait.py::test_the_documented_commands"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block, and what stands right below it in a fence without a language: what it prints."""

    page: str
    line: int
    language: str
    text: str
    shows: str = ""

    @property
    def name(self) -> str:
        return f"{self.page}:{self.line}: {self.text.partition(chr(10))[0]}"


@cache
def tokens(page: str) -> tuple[Token, ...]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return tuple(MarkdownIt("commonmark").enable("table").parse(text))


@cache
def blocks(page: str) -> tuple[Block, ...]:
    """The fenced blocks of a page; one that shows what the block above it prints is a part of that."""
    found: list[Block] = []
    after_command = False
    for token in tokens(page):
        if token.type == "fence" and after_command and not token.info:
            found[-1] = replace(found[-1], shows=token.content)
        elif token.type == "fence":
            found.append(Block(page, token.map[0] + 1 if token.map else 0, token.info, token.content))
        after_command = token.type == "fence" and token.info == "sh"
    return tuple(found)


def blocks_of(test: str) -> list[Block]:
    """The blocks that a test executes, in their order; the test by its file and name."""
    wanted = [(page, beginning) for page, beginning, place in EXECUTED if place == test]
    found = [block for page, beginning in wanted for block in blocks(page) if block.text.startswith(beginning)]
    assert len(found) == len(wanted) > 0, f"{test}: {wanted}"
    return found


def script(*texts: str) -> str:
    """For bash, so that each line has to succeed: `set -e` goes on where `a && b` failed in `a`."""
    lines = [line for text in texts for line in text.splitlines() if line]
    return "set -uo pipefail\n" + "".join(f"{{ {line}\n}} || exit\n" for line in lines)


def typed(*texts: str, at: Path, **environment: str) -> Done:
    """What happens to somebody who types this in a folder, with `onboard` on the PATH."""
    path = os.pathsep.join([str(Path(ONBOARD).parent), os.environ["PATH"]])
    command = ["bash", "-c", script(*texts)]
    settings = {**os.environ, "PATH": path, **environment}
    done = subprocess.run(command, cwd=at, env=settings, capture_output=True, text=True, check=False)
    return Done(done.returncode, done.stdout, done.stderr)


def inline_code(page: str) -> list[str]:
    return [child.content for child in _inline(page) if child.type == "code_inline"]


def form(page: str, field: str) -> Any:
    """What a page says of JSON that begins with this field, as `{field: [{other, another}]}`."""
    [shown] = [code for code in inline_code(page) if code.startswith("{" + field)]
    return yaml.safe_load(shown)


def assert_has_form(value: Any, said: Any) -> None:
    """Every field that is said is there, somewhere, and no other one."""
    if isinstance(said, list):
        for item in value:
            assert item.keys() <= said[0].keys()
        for name, inner in said[0].items():
            having = [item[name] for item in value if name in item]
            assert having, name
            if inner is not None:
                for one in having:
                    assert_has_form(one, inner)
    elif said is not None:
        assert value.keys() == said.keys()
        for name, inner in said.items():
            assert_has_form(value[name], inner)


def links(page: str) -> list[str]:
    return [str(child.attrs["href"]) for child in _inline(page) if child.type == "link_open"]


def anchors(page: str) -> set[str]:
    """Of the headings, as GitHub makes them."""
    headings = [text for mark, text in pairwise(tokens(page)) if mark.type == "heading_open"]
    plain = ["".join(child.content for child in heading.children or ()) for heading in headings]
    return {re.sub(r"[^\w -]", "", text.lower()).replace(" ", "-") for text in plain}


def _inline(page: str) -> Iterator[Token]:
    return (child for token in tokens(page) for child in token.children or ())
