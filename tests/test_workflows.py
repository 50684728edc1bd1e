"""The workflows and the action as files: what each may do, by structure. A copy with a known bug is found out."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from onboarding_tool import rulesets, template
from tests.support.workflows import read

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = ROOT / "repo-template/.github/workflows"
VALIDATE, COMMENT, ACTION = TEMPLATE / "validate.yml", TEMPLATE / "comment.yml", ROOT / "action.yml"
ALL = [*sorted(TEMPLATE.iterdir()), ACTION, *sorted((ROOT / ".github/workflows").iterdir())]
PERMISSIONS = {
    "onboarding-gate": {"contents": "read", "pull-requests": "read"},
    "find": {"contents": "read", "pull-requests": "read"},
    "comment": {"actions": "read", "pull-requests": "write"},
    "ci": {"contents": "read"},
}
TRIGGERS = {
    "validate": {
        "pull_request": {"branches": ["main"], "types": ["opened", "synchronize", "reopened", "edited"]},
        "merge_group": None,
    },
    "comment": {"workflow_run": {"workflows": ["validate"], "types": ["completed"]}},
    "ci": {"push": {"branches": ["main"]}, "pull_request": None},
}
PINNED = re.compile(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
# Where the tool is installed, it is by hashes, and nothing but wheels.
BY_HASHES = "--require-hashes --no-deps --only-binary :all: -r"


def defects(text: str, name: str) -> Iterator[str]:
    """What is wrong with a workflow, or with an action, as sentences."""
    value = yaml.safe_load(text)
    action = "runs" in value
    if not action:
        if value[True] != TRIGGERS[name]:
            yield f"it runs on {value[True]}"
        if value.get("permissions") != {}:
            yield "every job has permissions"
        for job, about in value["jobs"].items():
            yield from _of_job(job, about)
    jobs = {"": value["runs"]} if action else value["jobs"]
    shell = value.get("defaults", {}).get("run", {}).get("shell")
    for step in (step for job in jobs.values() for step in job["steps"]):
        yield from _of_step(step)
        if "|" in step.get("run", "").replace("||", "") and step.get("shell", shell) != "bash":
            yield f"{step['name']}: what fails within a pipe is not noticed"
    for line in text.splitlines():
        if "uses:" in line and not PINNED.search(line):
            yield f"not pinned: {line.strip()}"


def _of_job(job: str, about: dict[str, Any]) -> Iterator[str]:
    if about.get("permissions") != PERMISSIONS[job]:
        yield f"{job} may {about.get('permissions')}"
    if job == rulesets.CHECK:
        if {"if", "needs", "strategy", "continue-on-error"} & about.keys():
            yield f"{job} can be skipped, or pass where it fails"
        if about.get("name", job) != rulesets.CHECK:
            yield "the check has another name than the ruleset requires"
    if job in ("find", "comment") and any("checkout" in step.get("uses", "") for step in about["steps"]):
        yield f"{job} checks something out"


def _of_step(step: dict[str, Any]) -> Iterator[str]:
    if "${{" in step.get("run", ""):
        yield f"{step['name']}: an expression in run"
    if "continue-on-error" in step:
        yield f"{step['name']}: a failure counts as success"
    if step.get("uses", "").startswith("actions/checkout"):
        where = step["with"]
        if "head" in str(where.get("ref", "head" if "fetch-depth" in where else "")):
            yield "the head is checked out"
        if where.get("persist-credentials") is not False:
            yield "the token stays in .git/config"
        if {"repository", "submodules", "lfs"} & where.keys():
            yield "more than the base is checked out"
    if "pip" in step.get("run", "") and "install --" in step["run"] and BY_HASHES not in step["run"]:
        yield f"{step['name']}: not installed by hashes"


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.name)
def test_nothing_is_wrong(path):
    assert list(defects(path.read_text(encoding="utf-8"), path.stem)) == []


CHECKOUT = "uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2"
BUGS = [
    (VALIDATE, "  pull_request:\n", "  pull_request_target:\n", "it runs on"),
    (VALIDATE, "    branches: [main]\n", "    branches: [main]\n    paths: [apps/**]\n", "it runs on"),
    (VALIDATE, ", edited]", "]", "it runs on"),
    (VALIDATE, "  merge_group:\n", "", "it runs on"),
    (VALIDATE, "permissions: {}", "permissions: write-all", "every job has permissions"),
    (VALIDATE, "contents: read", "contents: write", "onboarding-gate may"),
    (VALIDATE, "    name: onboarding-gate\n", "    name: gate\n", "the check has another name"),
    (VALIDATE, "    runs-on:", "    if: github.actor != 'dependabot[bot]'\n    runs-on:", "can be skipped"),
    (VALIDATE, "    runs-on:", "    needs: lint\n    runs-on:", "can be skipped"),
    (VALIDATE, "    runs-on:", "    continue-on-error: true\n    runs-on:", "can be skipped"),
    (VALIDATE, "pull_request.base.ref }}", "pull_request.head.sha }}", "the head is checked out"),
    (VALIDATE, "merge_group.base_sha ||", "merge_group.head_sha ||", "the head is checked out"),
    (VALIDATE, "persist-credentials: false", "persist-credentials: true", "the token stays"),
    (
        VALIDATE,
        "          fetch-depth: 0\n",
        "          fetch-depth: 0\n          submodules: true\n",
        "more than the base",
    ),
    (VALIDATE, CHECKOUT, "uses: actions/checkout@v4", "not pinned"),
    (VALIDATE, CHECKOUT, CHECKOUT.partition(" #")[0], "not pinned"),
    (VALIDATE, "judge.sh\n", "judge.sh ${{ github.event.pull_request.title }}\n", "an expression in run"),
    (VALIDATE, "      - name: Judge\n", "      - name: Judge\n        continue-on-error: true\n", "counts as success"),
    (COMMENT, "  workflow_run:", "  pull_request_target:", "it runs on"),
    (COMMENT, "      pull-requests: write", "      contents: write\n      pull-requests: write", "comment may"),
    (COMMENT, "    shell: bash", "    shell: sh", "what fails within a pipe"),
    (COMMENT, "--require-hashes ", "", "not installed by hashes"),
    (
        COMMENT,
        "      - name: Install the tool\n",
        f"      - name: Look\n        {CHECKOUT}\n        with: {{ref: main}}\n      - name: Install the tool\n",
        "comment checks something out",
    ),
    (ACTION, 'run: bash "$GITHUB_ACTION_PATH', 'run: bash ${{ inputs.requirements }} "$GITHUB_ACTION_PATH', "in run"),
]


@pytest.mark.parametrize(("path", "good", "bad", "said"), BUGS, ids=[f"{bug[0].stem}-{bug[3]}" for bug in BUGS])
def test_a_known_bug_is_found(path, good, bad, said):
    text = path.read_text(encoding="utf-8")
    assert good in text
    found = list(defects(text.replace(good, bad, 1), path.stem))
    assert [defect for defect in found if said in defect], found


def test_the_action_does_what_the_workflow_does():
    """The same scripts in the same order, with the same names for what they are given."""
    workflow, action = read(VALIDATE)["jobs"][rulesets.CHECK]["steps"], read(ACTION)["runs"]["steps"]
    assert [step["name"] for step in workflow] == [step["name"] for step in action]
    for one, other in zip(workflow, action, strict=True):
        assert one.get("uses") == other.get("uses")
        assert one.get("env", {}).keys() <= other.get("env", {}).keys()
        folder = "bash .github/onboard/"
        assert one.get("run", "").replace(folder, "") == re.sub(r'bash ".*/(.*)"', r"\1", other.get("run", ""))


def test_both_places_install_alike():
    """The workflow that comments has no checkout, so it cannot use the script."""
    script = (ROOT / "repo-template/.github/onboard/install.sh").read_text(encoding="utf-8")
    [step] = [step for step in read(COMMENT)["jobs"]["comment"]["steps"] if step["name"] == "Install the tool"]
    said = {line for line in script.splitlines() if re.match(r"pip=|\S+pip\[|python3", line)}
    inline = [line.replace("$RUNNER_TEMP/requirements.txt", "$lock") for line in step["run"].splitlines()]
    assert BY_HASHES in script
    assert len(said) == 4
    assert said <= set(inline)


def test_upgrade_knows_its_own_files_by_their_first_lines():
    for path, data in template.workflows().items():
        assert template.WRITTEN_ANEW in b"".join(data.splitlines(keepends=True)[:2]), path


def test_a_script_is_a_file_like_any_other():
    """git may keep no executable files here: path-mode-forbidden."""
    for path in (ROOT / "repo-template/.github/onboard").iterdir():
        assert path.stat().st_mode & 0o111 == 0
