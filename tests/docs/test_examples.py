"""What the pages show and nobody types: files, layouts, the form of JSON, tests."""

import json
import re
from collections.abc import Iterator
from inspect import getdoc
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from onboarding_tool import load, resources
from onboarding_tool.checks import judging
from onboarding_tool.tree import tree_of
from tests.support.cli import onboard
from tests.support.examples import example_with_generated
from tests.support.git import commit, repository
from tests.support.pages import PAGES, ROOT, assert_has_form, form, inline_code
from tests.support.repos import edited, good, with_generated

CI_BOT, PLATFORM_TEAM = "docs/ci-bot.md", "docs/platform-team.md"


def test_exceptions(blocks):
    [shown] = blocks
    repo, findings = load.load(tree_of(good() | {"exceptions.yaml": shown.text}))
    assert findings == []
    [exception] = repo.exceptions
    assert exception.rule in {rule.RULE for rule in judging.RULES}


def test_the_layout_of_what_is_generated(blocks):
    [layout] = blocks
    files = {
        path: data for path, data in example_with_generated("three-tenants").items() if path.startswith("generated/")
    }
    told = {line.split()[0]: line.split(maxsplit=1)[1] for line in layout.text.splitlines()}
    found: dict[str, set[str]] = {path: set() for path in told}
    for path, data in files.items():
        if not path.startswith("generated/") or path.endswith("/.gitkeep"):
            continue
        [pattern] = [pattern for pattern in told if re.match(re.sub(r"<\w+>", "[^/]+", pattern), path)]
        found[pattern] |= {item["kind"] for item in yaml.safe_load_all(data) if "kind" in item}
    assert all(found.values())
    for pattern, kinds in found.items():
        if not pattern.endswith("/"):
            assert {kind.removesuffix("s") for kind in re.findall(r"\b[A-Z]\w+", told[pattern])} == kinds


def test_what_is_to_be_applied_is_generated():
    said = [code.split()[-1] for page in PAGES for code in inline_code(page) if code.startswith("kubectl apply -f ")]
    assert said
    for path in said:
        assert re.sub("<.+>", "prod", path) in example_with_generated("three-tenants")


def test_the_example_of_a_test_is_one(blocks):
    """As it stands in the module that tries the clusters out."""
    [example] = blocks
    imports, test = example.text.split("\n\n\n")
    module = (ROOT / "tests/e2e/test_fixture.py").read_text(encoding="utf-8")
    assert f"\n{test}\n" in module
    names = {name for line in imports.splitlines() for name in line.partition(" import ")[2].split(", ")}
    assert {name for name in names if re.search(rf"\b{name}\b", test)} == names


# The form of JSON


@pytest.fixture
def config(tmp_path: Path, renderer: Path) -> Path:
    return repository(tmp_path / "config", with_generated(good()))


def test_the_form_of_findings(config):
    commit(config, edited("apps/payments/metadata.yaml", "team: payments-team", "team: paymets-team"))
    done = onboard("check", "--no-render", "--format", "json", at=config)
    assert_has_form(json.loads(done.out), form(CI_BOT, "findings"))


def test_the_form_of_differences(config):
    base = "apps/payments/base"
    changed = edited(f"{base}/hpa.yaml", "maxReplicas: 5", "maxReplicas: 6")
    commit(config, edited(f"{base}/kustomization.yaml", "  - service.yaml\n", "", changed))
    done = onboard("diff", "HEAD~1", "--format", "json", at=config)
    assert_has_form(json.loads(done.out), form(PLATFORM_TEAM, "base"))


def test_the_form_of_what_the_doctor_says(config, monkeypatch):
    monkeypatch.setenv("KUBECONFIG", str(config / "none"))
    done = onboard("doctor", "--format", "json", at=config)
    assert_has_form(json.loads(done.out), form(PLATFORM_TEAM, "results"))


# Good pieces of files on the pages of the rules

SCHEMAS = {
    r"platform\.yaml": "platform",
    r"teams\.yaml": "teams",
    r"exceptions\.yaml": "rule-exceptions",
    r"apps/[a-z-]+/metadata\.yaml": "api",
    r"apps/[a-z-]+/requests/[a-z-]+/[a-z0-9-]+\.yaml": "release-request",
}
NAMED = re.compile(r"^    # ([\w./-]+\.yaml)\b.*\n", re.MULTILINE)


def pieces(rule: Any) -> Iterator[tuple[list[str], str]]:
    """(files, text): what a rule's page calls good, and the files of which it may be a piece.

    A piece that names no file belongs to one that the bad example names.
    """
    bad, _, rest = (getdoc(rule) or "").partition("\nBad:\n")[2].partition("\nGood:\n")
    unnamed, *named = NAMED.split(rest.partition("\nFix:")[0])
    found = [(NAMED.findall(bad), unnamed), *zip(([path] for path in named[::2]), named[1::2], strict=True)]
    for files, text in found:
        shown = "\n".join(line for line in text.splitlines() if line.startswith("    "))
        if shown and not shown.startswith("    $ "):
            yield files, shown


def schema_of(path: str) -> str | None:
    return next((schema for pattern, schema in SCHEMAS.items() if re.fullmatch(pattern, path)), None)


def fits(schema: str, value: Any) -> bool:
    """Whether it is a piece of such a file: some mapping or list of it, in which anything else may be missing."""
    whole = json.loads(resources.schema_text(schema), object_hook=_without_need)
    defined = whole.get("$defs", {})
    names = {name for item in ([value] if isinstance(value, dict) else value) for name in item}
    places = [place for place in _places(whole) if names <= place["properties"].keys()]
    wanted = places if isinstance(value, dict) else [{"type": "array", "items": place} for place in places]
    return any(jsonschema.Draft202012Validator({**place, "$defs": defined}).is_valid(value) for place in wanted)


def _without_need(schema: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in schema.items() if name != "required"}


def _places(schema: Any) -> Iterator[dict[str, Any]]:
    """All that describes a mapping with known fields."""
    if isinstance(schema, dict):
        if isinstance(schema.get("properties"), dict) and "type" in schema:
            yield schema
        for value in schema.values():
            yield from _places(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _places(value)


GOOD = [
    pytest.param(files, text, id=f"{rule.RULE}-{number}")
    for rule in judging.RULES
    for number, (files, text) in enumerate(pieces(rule))
    if files and all(map(schema_of, files))
]


@pytest.mark.parametrize(("files", "text"), GOOD)
def test_a_good_piece_of_a_file_fits_its_schema(files, text):
    assert any(fits(str(schema_of(path)), yaml.safe_load(text)) for path in files)


def test_a_bad_one_does_not():
    assert not fits("api", {"api_name": "payments", "tennant": "customer-a"})
    assert not fits("api", {"workloads": [{"deployment": "payments", "containers": ["app"]}]})
    assert not fits("api", [{"name": "app", "image": 1}])
    assert not fits("platform", {"api_name": "payments"})
