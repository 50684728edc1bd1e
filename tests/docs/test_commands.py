"""Commands named in the text, in hints and on the rules' pages: there is such a command, with such options."""

import ast
import re
import shlex
from collections.abc import Iterator

import pytest
import typer.main

from onboarding_tool.cli.app import COMMANDS, app
from tests.support.pages import PAGES, ROOT, inline_code

TREE = typer.main.get_command(app)
MODULES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "onboarding_tool").rglob("*.py"))
# What a reader fills in: in capitals, in angle brackets, or left out.
PLACEHOLDER = re.compile(r"[A-Z_]+|<.*>")
HELP = ("-h", "--help")
# Of kustomize.
FOREIGN = {"--enable-helm", "--enable-alpha-plugins", "--enable-exec", "--network"}


def words_of(command: str) -> list[str]:
    """Without the brackets around what may be left out, dots for whatever else there is, and what a pipe leads to."""
    bare = re.sub(r"(?<!\S)\[|\](?!\S)", " ", command.partition(" | ")[0])
    return [word for word in shlex.split(bare.replace("<", "'<").replace(">", ">'")) if word != "..."]


def wrong(command: str) -> str:
    """What is wrong with a command such as `onboard request API ENV IMAGE`; it may end before it is complete."""
    _, *words = words_of(command)
    at, path = TREE, []
    arguments = 0
    while words:
        word = words.pop(0)
        options = {name: option for option in at.params for name in (*option.opts, *option.secondary_opts)}
        name, equals, given = word.partition("=")
        if name in HELP:
            continue
        if word.startswith("-") and word != "-":
            if name not in options:
                return f"{' '.join(path) or 'onboard'} has no option {name}"
            option = options[name]
            if not option.is_flag and not equals:
                given = words.pop(0) if words else ""
            choices = getattr(option.type, "choices", None)
            if choices and given and not PLACEHOLDER.fullmatch(given) and given not in [str(one) for one in choices]:
                return f"{name} is no {given}"
        elif commands := getattr(at, "commands", None):
            if PLACEHOLDER.fullmatch(word):
                return ""
            if word not in commands:
                return f"there is no {' '.join([*path, word])}"
            at, path = commands[word], [*path, word]
        else:
            arguments += 1
    taken = [option for option in at.params if option.param_type_name == "argument"]
    if arguments > len(taken) and all(option.nargs == 1 for option in taken):
        return f"{' '.join(path)} takes {len(taken)} words, not {arguments}"
    return ""


@pytest.mark.parametrize(
    ("command", "what"),
    [
        ("onboard aply", "there is no aply"),
        ("onboard api ad NAME", "there is no api ad"),
        ("onboard generate --cheque", "generate has no option --cheque"),
        ("onboard --chatty doctor", "onboard has no option --chatty"),
        ("onboard render API ENV --from base", "--from is no base"),
        ("onboard api add --port 8080 NAME TENANT", "api add takes 1 words, not 2"),
        ("onboard team add NAME [--github ORG/SLUG] [--member LOGIN[=ID] ...]", ""),
        ("onboard -C DIR release apply <request> <request>", ""),
    ],
)
def test_what_is_wrong_is_told(command, what):
    assert wrong(command) == what


def told(page: str) -> list[str]:
    return [code for code in inline_code(page) if code.startswith("onboard ")]


@pytest.mark.parametrize("page", [page for page in PAGES if told(page)])
def test_a_command_in_the_text_is_one(page):
    assert [(code, what) for code in told(page) if (what := wrong(code))] == []


def test_an_option_in_the_text_is_one_of_a_command():
    known = {name for path in COMMANDS for name in options_of(path)}
    written = {word for page in PAGES for code in inline_code(page) if code.startswith("--") for word in code.split()}
    assert {word for word in written if word.startswith("--")} - known <= {*FOREIGN, *HELP}


def options_of(path: str) -> Iterator[str]:
    command = TREE
    for word in path.split():
        command = command.commands[word]
    for option in command.params:
        yield from (*option.opts, *option.secondary_opts)


def test_a_diagram_names_commands_that_there_are(blocks):
    [diagram] = blocks
    named = re.findall(r"onboard [a-z ]+[a-z]", diagram.text)
    assert len(named) == diagram.text.count("onboard") > 0
    assert [(code, what) for code in named if (what := wrong(code))] == []


def test_every_command_is_told_of():
    written = [code for page in PAGES for code in inline_code(page)]
    assert [path for path in COMMANDS if not any(f"{code} ".startswith(f"onboard {path} ") for code in written)] == []


def texts(module: str) -> Iterator[str]:
    """What a module may say: its strings, with a word in place of each value."""
    parsed = ast.parse((ROOT / module).read_text(encoding="utf-8"))
    inner = {id(part) for node in ast.walk(parsed) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    for node in ast.walk(parsed):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "VALUE" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inner:
            yield node.value


def named(module: str) -> list[str]:
    """In backticks, or on a line of its own that begins with one of our commands."""
    first = "|".join({path.partition(" ")[0] for path in COMMANDS})
    ways = re.compile(rf"`(onboard\s[^`]+)`|^\s*(onboard (?:{first})\b[^`\n]*)$", re.MULTILINE)
    return [" ".join((quoted or alone).split()) for text in texts(module) for quoted, alone in ways.findall(text)]


@pytest.mark.parametrize("module", [module for module in MODULES if named(module)])
def test_a_command_in_a_hint_is_one(module):
    assert [(code, what) for code in named(module) if (what := wrong(code))] == []
