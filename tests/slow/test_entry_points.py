"""One verdict for one change, wherever it is judged: a pull request, its rebase, a merge queue, a laptop.

And what is refused to the platform team, too: that judges the whole config repo, so it takes longer.
"""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from onboarding_tool.gate.author import Author
from onboarding_tool.gate.case import Kind
from onboarding_tool.gate.verdict import Verdict
from tests.adapters.test_threats import (
    NEAR_MISSES,
    REQUESTS,
    TENANTS,
    TENANTS_NEAR_MISSES,
    Change,
    editing,
    moved,
)
from tests.support.cli import onboard
from tests.support.git import git
from tests.support.pulls import ALICE, KIM, METADATA, Odd, Pulls, files, of_level, rules

PREFIX, HOSTS = "/customer-a/payments", "[payments.customer-a.com]"
SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\n"
# What not even the platform team may do by a change.
PLATFORM: dict[str, tuple[Change, str]] = {
    "a path as the API's name": (
        editing(METADATA, "api_name: payments", "api_name: ../../platform"),
        "schema-invalid",
    ),
    "an absolute path as the API's name": (editing(METADATA, "api_name: payments", "api_name: /etc"), "schema-invalid"),
    "a name that is not the folder's": (
        editing(METADATA, "api_name: payments", "api_name: payment"),
        "api-name-mismatch",
    ),
    "the namespace of the platform": (
        editing(METADATA, "namespace: payments,", "namespace: kube-system,"),
        "namespace-forbidden",
    ),
    "a tenant that the team does not serve": (
        editing(METADATA, "tenant: customer-a", "tenant: customer-z"),
        "tenant-unserved",
    ),
    "a newline in a prefix": (editing(METADATA, PREFIX, '"/a\\n/b"'), "schema-invalid"),
    "a block in a prefix": (editing(METADATA, PREFIX, '"/a{};"'), "schema-invalid"),
    "a pattern as a prefix": (editing(METADATA, PREFIX, '"/a/(.*)"'), "schema-invalid"),
    "a prefix that goes up": (editing(METADATA, PREFIX, "/a/../b"), "schema-invalid"),
    "another API's prefix": (editing(METADATA, PREFIX, "/customer-a/orders"), "route-claimed-twice"),
    "a directive in a host": (editing(METADATA, HOSTS, '["a.com; return 200"]'), "schema-invalid"),
    "the entry as a legacy host": (editing(METADATA, HOSTS, "[api.platform.example]"), "legacy-host-claimed-twice"),
    "a repository that runs a command": (
        editing("platform.yaml", "repository: https", "repository: ext::sh"),
        "schema-invalid",
    ),
    "a declaration that is a link": ({METADATA: Odd("120000", b"../orders/metadata.yaml")}, "path-mode-forbidden"),
    "an executable declaration": (
        {METADATA: Odd("100755", files("L2")[METADATA].encode())},
        "path-mode-forbidden",
    ),
    "a submodule": ({"vendor": Odd("160000", b"2" * 40)}, "submodule-added"),
    "a list of submodules": ({".gitmodules": '[submodule "x"]\n'}, "submodule-added"),
    "a list of submodules further down": ({"docs/.GITMODULES": '[submodule "x"]\n'}, "submodule-added"),
    "attributes beside an API": ({"apps/payments/.gitattributes": "* -diff\n"}, "file-unexpected"),
    "something more to deliver": ({"generated/prod/apps/payments/more.yaml": SECRET}, "generated-stale"),
    "an edit of what is delivered": ({"generated/prod/tenants/customer-a.yaml": SECRET}, "generated-stale"),
    "the end of an API": (dict.fromkeys(moved("apps/payments/")), "declaration-deleted"),
    "another name for an API": (
        {**dict.fromkeys(moved("apps/payments/")), **moved("apps/pay/")},
        "declaration-deleted",
    ),
    "a forged record": (
        {"apps/payments/releases/prod/000001-0123456789abcdef.yaml": "x"},
        "record-touched",
    ),
}
PLATFORM_NEAR_MISSES: dict[str, Change] = {
    "another file of Git's": {".gitignore": "x\n"},
    "a file whose name begins alike": {"docs/.gitmodules.md": "What we do not use.\n"},
    "a comment": editing(METADATA, "api_name: payments", "api_name: payments # for good"),
    "a workflow": {".github/workflows/more.yaml": "on: push\n"},
}
LEVEL = {"request": "L0", "tenant": "L2", "platform": "L2"}
CASES: dict[str, Change] = {
    **{f"request: {name}": change for name, (change, _) in REQUESTS.items()},
    **{f"request: {name}": change for name, change in NEAR_MISSES.items()},
    **{f"tenant: {name}": change for name, (change, _) in TENANTS.items()},
    **{f"tenant: {name}": change for name, change in TENANTS_NEAR_MISSES.items()},
    **{f"platform: {name}": change for name, (change, _) in PLATFORM.items()},
    **{f"platform: {name}": change for name, change in PLATFORM_NEAR_MISSES.items()},
}
# On a laptop, what lies outside of the config repo's files is looked at when it is committed.
OUTSIDE = (".gitmodules", ".gitignore", "vendor", "docs/")


@pytest.mark.parametrize("case", PLATFORM)
def test_what_the_platform_team_may_not_do_either(case):
    change, rule = PLATFORM[case]
    verdict = of_level("L2").judged(change, KIM)
    assert rule in rules(verdict)
    assert not verdict.passes


@pytest.mark.parametrize("case", PLATFORM_NEAR_MISSES)
def test_what_only_looks_like_it_is_the_platform_teams_to_do(case):
    assert of_level("L2").judged(PLATFORM_NEAR_MISSES[case], KIM).passes


@pytest.fixture(params=CASES)
def case(request) -> str:
    return request.param


@pytest.fixture
def there(case) -> Pulls:
    return of_level(LEVEL[case.partition(":")[0]])


def author(case: str) -> Author:
    return KIM if case.startswith("platform") else ALICE


def told(verdict: Verdict) -> set[tuple[str, str]]:
    return {(finding.path, finding.rule) for finding in verdict.findings}


def test_after_a_rebase_and_in_a_merge_queue(there, case):
    """main has moved on: with the branch rebased onto it, and with it merged by the queue, it is the same change."""
    first = there.commit(CASES[case], there.base)
    expected = there.verdict(first, author(case))
    main = there.commit({"docs/moved.md": "on\n"}, there.base)
    rebased = there.commit(CASES[case], main)
    queued = there.commit(CASES[case], main, first)
    for head in (first, rebased, queued):
        verdict = there.verdict(head, author(case), base=main)
        assert (verdict.kind, told(verdict), verdict.passes) == (expected.kind, told(expected), expected.passes)


@pytest.fixture(scope="module")
def clones(tmp_path_factory) -> Mapping[str, Path]:
    """By level; they see all objects of the bare repository."""
    folder = tmp_path_factory.mktemp("clones")
    for level in set(LEVEL.values()):
        git(folder, "clone", "-q", "--shared", str(of_level(level).folder), level)
    return {level: folder / level for level in set(LEVEL.values())}


def brings_submodule(case: str) -> bool:
    return any(isinstance(each, Odd) and each.mode == "160000" for each in CASES[case].values())


# A submodule in the working tree is a repository: it is one of ours when it is staged.
ON_A_LAPTOP = [(name, ("--staged",)) for name in CASES] + [(name, ()) for name in CASES if not brings_submodule(name)]


@pytest.mark.parametrize(("case", "words"), ON_A_LAPTOP)
def test_on_a_laptop(clones, case, words):
    """The questions about the author are left out. What only the platform team may do is judged as that team's."""
    level, change = LEVEL[case.partition(":")[0]], CASES[case]
    there = of_level(level)
    clone, head = clones[level], there.commit(change, there.base)
    git(clone, "read-tree", "-u", "--reset", "HEAD")
    git(clone, "clean", "-fdqx")
    git(clone, "read-tree", *(() if words else ("-u", "--reset")), head)
    if not words:
        git(clone, "read-tree", "HEAD")
        change = {path: content for path, content in change.items() if not path.startswith(OUTSIDE)}
    done = onboard("gate", *words, "--format", "json", at=clone)
    assert done.code in (0, 1), done.err
    said = json.loads(done.out)
    as_whom = KIM if said["kind"] == Kind.PLATFORM else ALICE
    expected = there.judged(change, as_whom)
    left = {one for one in told(expected) if one[1] != "author-not-owner"}
    if left or expected.passes:
        assert {(one["path"], one["rule"]) for one in said["findings"]} == left
    assert said["passes"] is expected.passes
