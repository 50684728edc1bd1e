"""The workflows at work: their steps in a real bash, on real repositories, as GitHub would run them."""

import copy
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import give_up
from tests.support.cli import ONBOARD, onboard
from tests.support.git import contents, git, repository, status
from tests.support.pulls import Files, Pulls, files
from tests.support.repos import REQUEST, REQUEST_PATH
from tests.support.workflows import REPOSITORY, TOKEN, Api, Runner, read, serving, wheel

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "repo-template"
SCRIPTS = {path: data for path, data in contents(TEMPLATE).items() if path.startswith(".github/")}
LOCK = ".github/onboard-requirements.txt"
VALIDATE, COMMENT = (read(TEMPLATE / f".github/workflows/{name}.yml") for name in ("validate", "comment"))
GATE = VALIDATE["jobs"]["onboarding-gate"]["steps"]
ACTION = read(ROOT / "action.yml")
SHELL, COMMENT_SHELL = (workflow["defaults"]["run"]["shell"] for workflow in (VALIDATE, COMMENT))
INSTALL = "Install the tool"
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
ALICE, KIM = {"login": "alice", "id": 1001}, {"login": "kim", "id": 1}
# `gate-comment` is told of, and everything else is the `onboard` of these sources.
STAND_IN = f"""
import json, os, sys
def main():
    if sys.argv[1] == "gate-comment":
        said = {{"words": sys.argv[1:], "token": os.environ["GITHUB_TOKEN"], "verdict": json.load(open(sys.argv[2]))}}
        with open(os.environ["TOLD"], "w") as file:
            json.dump(said, file)
    else:
        os.execv({ONBOARD!r}, ["onboard", *sys.argv[1:]])
"""


@dataclass(slots=True)
class World:
    """A config repo on a forge, and what lies around it."""

    pulls: Pulls
    place: Path
    installed: Path

    def asks(self, changes: Files, number: int = 1) -> str:
        """A pull request; its head."""
        head = self.pulls.commit(changes, self.pulls.base)
        self.pulls.git("update-ref", f"refs/pull/{number}/head", head)
        return head

    def runner(self, name: str, event: dict[str, Any], api: str = "http://127.0.0.1:9", **more: Any) -> Runner:
        """With the tool installed; `api`: by default one that does not answer."""
        github = {
            "event": event,
            "event_name": name,
            "repository": REPOSITORY,
            "api_url": api,
            "server_url": "https://github.com",
            "sha": self.pulls.base,
            "token": TOKEN,
        }
        runner = Runner(self.place / "job", {"github": github, **more}, str(self.pulls.folder))
        runner.temp.mkdir(parents=True)
        (runner.temp / "onboard").symlink_to(self.installed)
        return runner

    def pull_request(self, commit: str, user: dict[str, Any] = ALICE, number: Any = 1, **about: Any) -> Runner:
        pull = {
            "number": number,
            "user": user,
            "head": {"sha": commit},
            "base": {"ref": "main", "sha": "0" * 40},
            **about,
        }
        return self.runner("pull_request", {"pull_request": pull}).job(GATE, SHELL, (INSTALL,))

    def merge_group(self, head: str, api: str, number: int = 1) -> Runner:
        ref = f"refs/heads/gh-readonly-queue/main/pr-{number}-{self.pulls.base}"
        self.pulls.git("update-ref", ref, head)
        event = {"merge_group": {"head_sha": head, "base_sha": self.pulls.base, "head_ref": ref}}
        return self.runner("merge_group", event, api).job(GATE, SHELL, (INSTALL,))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The tool, locked by the command and installed by the script; and a config repo that has the workflows."""
    if not shutil.which("curl"):
        give_up("there is no curl on PATH")
    place = tmp_path_factory.mktemp("tool")
    wheels = place / "wheels"
    wheels.mkdir()
    wheel(wheels, "needed")
    settings = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels)}
    source = wheel(wheels, "onboarding-tool", "needed>=0.1", STAND_IN).as_uri()
    at = repository(place / "config")
    with pytest.MonkeyPatch.context() as changed:
        for name, value in settings.items():
            changed.setenv(name, value)
        done = onboard("github", "lock", source, "--python", PYTHON, at=at)
    assert done.code == 0, done.err
    locked = {**SCRIPTS, LOCK: (at / LOCK).read_bytes()}
    runner = Runner(place / "job", {"github": {"event": {}}}, settings=settings)
    repository(runner.workspace, locked)
    runner.job([step for step in GATE if step["name"] == INSTALL], SHELL)
    assert not runner.failed, runner.steps
    return World(Pulls(place / "config.git", {**files(), **locked}), place, runner.temp / "onboard")


@pytest.fixture
def world(made: World, tmp_path: Path, renderer: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("TOLD", str(tmp_path / "told.json"))
    pulls = copy.copy(made.pulls)
    pulls.folder = shutil.copytree(pulls.folder, tmp_path / "config.git")
    return World(pulls, tmp_path, made.installed)


def verdict(runner: Runner) -> dict[str, Any]:
    """What is in the artifact."""
    with zipfile.ZipFile(runner.artifacts / "verdict.zip") as archive:
        assert archive.namelist() == ["verdict.json"]
        value = json.loads(archive.read("verdict.json"))
    assert isinstance(value, dict)
    return value


def has_no_verdict(runner: Runner) -> bool:
    return not list(runner.artifacts.iterdir())


# The gate


def test_a_request_is_accepted(world):
    head = world.asks({REQUEST_PATH: REQUEST})
    runner = world.pull_request(head)
    assert not runner.failed, runner.steps
    found = verdict(runner)
    assert (found["passes"], found["base"], found["head"]) == (True, world.pulls.base, head)
    assert "release request of payments: accepted" in runner.step("Judge").summary
    assert not any(TOKEN in step.text for step in runner.steps)
    config = (runner.workspace / ".git/config").read_text()
    assert "extraheader" not in config.lower()


def test_a_refusal_has_a_verdict_too(world):
    runner = world.pull_request(world.asks({REQUEST_PATH: REQUEST}), {"login": "mallory", "id": 666})
    assert runner.step("Judge").code == 1
    assert runner.ran()[-1] == "Keep the verdict"
    assert verdict(runner)["passes"] is False
    assert "::error " in runner.step("Judge").text
    assert "refused" in runner.step("Judge").summary


def test_a_pull_request_from_another_repository(world):
    fork = world.place / "fork"
    git(world.place, "clone", "-q", str(world.pulls.folder), str(fork))
    (fork / REQUEST_PATH).parent.mkdir(parents=True, exist_ok=True)
    (fork / REQUEST_PATH).write_text(REQUEST)
    git(fork, "add", "-A")
    git(fork, "commit", "-q", "-m", "ask")
    git(fork, "push", "-q", "origin", "HEAD:refs/pull/2/head")
    runner = world.pull_request(git(fork, "rev-parse", "HEAD"), number=2)
    assert verdict(runner)["passes"] is True


def test_nothing_of_the_head_runs(world):
    """Whatever it brings: files that Python, pip, git and bash would take up, and the workflow's own scripts."""
    trap = world.place / "sprung"
    python, shell = f"open({str(trap)!r}, 'w')\n", f"touch {trap}\n"
    hostile = {
        **dict.fromkeys(("sitecustomize.py", "usercustomize.py", "onboarding_tool/__init__.py", "json.py"), python),
        "pyproject.toml": f'[tool.pip]\n[build-system]\nrequires = ["{trap}"]\n',
        "setup.py": python,
        ".gitattributes": "* filter=trap diff=trap merge=trap\n",
        "hooks/post-checkout": shell,
        ".githooks/reference-transaction": shell,
        ".envrc": shell,
        **{f".github/onboard/{name}.sh": shell for name in ("install", "fetch", "judge")},
        LOCK: f"./{trap.name}.whl\n",
    }
    head = world.asks(hostile | {REQUEST_PATH: REQUEST})
    runner = world.pull_request(head)
    assert runner.step("Judge").code == 1
    assert verdict(runner)["passes"] is False
    assert not trap.exists()
    assert git(runner.workspace, "rev-parse", "HEAD") == world.pulls.base
    assert status(runner.workspace) == []
    # The trap is a real one: it springs where the head's script runs.
    git(runner.workspace, "checkout", "-q", head)
    subprocess.run(["bash", runner.workspace / ".github/onboard/judge.sh"], check=True)
    assert trap.exists()


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ({"user": {"login": "alice\nauthor-id=1\nauthor=kim", "id": 666}}, "The author is no login."),
        ({"user": {"login": "$(touch sprung)", "id": 666}}, "The author is no login."),
        ({"user": {"login": "--author-id=1", "id": 666}}, "The author is no login."),
        ({"user": {"login": "", "id": 666}}, "The author is no login."),
        ({"user": {"login": "alice", "id": "1001\nauthor-id=1"}}, "The id of the author is no number."),
        ({"user": {"login": "alice", "id": ""}}, "The id of the author is no number."),
        ({"number": "1/head:refs/heads/main +refs/pull/1"}, "The number of the pull request is no number."),
        ({"head": {"sha": "--upload-pack=touch sprung"}}, "The head is no commit."),
        ({"head": {"sha": "main"}}, "The head is no commit."),
    ],
)
def test_what_the_event_says_is_held_to_its_form(world, about, said):
    runner = world.pull_request(world.asks({REQUEST_PATH: REQUEST}), **about)
    assert runner.ran()[-2:] == ["Fetch the head", "Keep the verdict"]
    assert f"::error::{said}" in runner.step("Fetch the head").text
    assert runner.step("Fetch the head").outputs == {}
    assert has_no_verdict(runner)
    assert not list(world.place.rglob("sprung"))


def test_names_that_a_shell_would_run_change_nothing(world):
    head = world.asks({REQUEST_PATH: REQUEST})
    runner = world.pull_request(
        head,
        title="v2\n::set-output name=author-id::1\n$(touch sprung)`touch sprung`",
        body='"; touch sprung #',
        head={"sha": head, "ref": "$(touch${IFS}sprung)", "label": "x:`touch sprung`"},
    )
    assert verdict(runner)["passes"] is True
    assert not list(world.place.rglob("sprung"))


def test_a_commit_that_is_not_the_head_any_more_is_not_judged(world):
    old = world.asks({REQUEST_PATH: REQUEST})
    world.asks({"platform.yaml": "gone"})
    runner = world.pull_request(old)
    assert "has moved on" in runner.step("Fetch the head").text
    assert runner.failed
    assert has_no_verdict(runner)


def test_who_left_the_team_since_is_no_member(world):
    """The base is main as it is now, and not as the event remembers it."""
    head = world.asks({REQUEST_PATH: REQUEST})
    teams = files()["teams.yaml"].replace("{login: alice, id: 1001}", "{login: bob, id: 1002}")
    left = world.pulls.commit({"teams.yaml": teams}, world.pulls.base)
    world.pulls.git("update-ref", "refs/heads/main", left)
    runner = world.pull_request(head, base={"ref": "main", "sha": world.pulls.base})
    assert runner.step("Judge").code == 1
    assert verdict(runner)["base"] == left


def test_the_lock_moves_on_before_the_pin(world):
    """The tool that the base names judges the new lock; the new tool judges the new pin, and nothing before that."""
    assert verdict(world.pull_request(world.asks({LOCK: "# of a newer tool\n"}), KIM))["passes"] is True
    pinned = files()["platform.yaml"]
    older = world.pulls.commit({"platform.yaml": pinned.replace('"0.1.0"', '"0.0.9"')}, world.pulls.base)
    world.pulls.git("update-ref", "refs/heads/main", older)
    world.pulls.base = older
    shutil.rmtree(world.place / "job")
    assert world.pull_request(world.asks({REQUEST_PATH: REQUEST})).failed
    shutil.rmtree(world.place / "job")
    assert verdict(world.pull_request(world.asks({"platform.yaml": pinned}), KIM))["passes"] is True


def test_what_cannot_be_judged_fails_without_a_verdict(world):
    stranger = world.pulls.commit({REQUEST_PATH: REQUEST})
    world.pulls.git("update-ref", "refs/pull/1/head", stranger)
    runner = world.pull_request(stranger)
    assert runner.step("Judge").code == 3
    assert "There is no verdict" in runner.step("Judge").summary
    assert has_no_verdict(runner)


def test_a_repository_that_does_not_answer(world):
    runner = world.runner("pull_request", {"pull_request": {"number": 7, "user": ALICE, "head": {"sha": "1" * 40}}})
    runner.contexts["github"]["event"]["pull_request"]["base"] = {"ref": "main"}
    runner.job(GATE, SHELL, (INSTALL,))
    assert runner.step("Fetch the head").code != 0
    assert has_no_verdict(runner)


# The merge queue


def user(number: int, **who: Any) -> dict[str, tuple[int, bytes] | str]:
    return {f"/repos/{REPOSITORY}/pulls/{number}": (200, json.dumps({"user": who, "title": "x"}).encode())}


def merged(world: World, head: str) -> str:
    tree = world.pulls.git("merge-tree", "--write-tree", world.pulls.base, head)
    return world.pulls.git("commit-tree", tree, "-p", world.pulls.base, "-p", head, "-m", "Merge")


def test_the_merge_queue_asks_whose_pull_request_it_is(world):
    group = merged(world, world.asks({REQUEST_PATH: REQUEST}))
    with serving(user(1, **ALICE)) as api:
        runner = world.merge_group(group, api.url)
    found = verdict(runner)
    assert (found["passes"], found["author"], found["head"]) == (True, "alice", group)
    assert api.asked == [(f"/repos/{REPOSITORY}/pulls/1", f"Bearer {TOKEN}")]


def test_in_the_merge_queue_a_stranger_is_refused(world):
    group = merged(world, world.asks({REQUEST_PATH: REQUEST}))
    with serving(user(1, login="mallory", id=666)) as api:
        runner = world.merge_group(group, api.url)
    assert runner.step("Judge").code == 1


def test_a_group_of_two_is_refused(world):
    """It is named after its last pull request; the first one would be judged as that author's, too."""
    first = merged(world, world.asks({REQUEST_PATH: REQUEST}))
    other = world.asks({REQUEST_PATH.replace("3f9c", "aaaa"): REQUEST}, 2)
    tree = world.pulls.git("merge-tree", "--write-tree", first, other)
    group = world.pulls.git("commit-tree", tree, "-p", first, "-p", other, "-m", "Merge")
    with serving(user(2, **KIM)) as api:
        runner = world.merge_group(group, api.url, 2)
    assert "several pull requests at once" in runner.step("Fetch the head").text
    assert api.asked == []
    assert has_no_verdict(runner)


@pytest.mark.parametrize(
    "answer",
    [
        (404, b"{}"),
        (200, b"<html>"),
        (200, b"{}"),
        (200, b'{"user": null}'),
        (200, b'{"user": {"id": 1, "login": "a\\nb"}}'),
    ],
)
def test_without_an_author_nothing_is_judged(world, answer):
    group = merged(world, world.asks({REQUEST_PATH: REQUEST}))
    with serving({f"/repos/{REPOSITORY}/pulls/1": answer}) as api:
        runner = world.merge_group(group, api.url)
    assert runner.step("Fetch the head").code != 0
    assert runner.ran()[-1] == "Keep the verdict"
    assert has_no_verdict(runner)


def test_an_api_that_does_not_answer(world):
    runner = world.merge_group(merged(world, world.asks({REQUEST_PATH: REQUEST})), "http://127.0.0.1:9")
    assert "GitHub did not say whose pull request 1 is." in runner.step("Fetch the head").text
    assert has_no_verdict(runner)


# The token


def test_git_fetches_from_a_private_repository_with_the_token_of_the_step(world):
    """Over HTTP, from a server that asks for the token; nobody may read it in the clone afterwards."""
    head = world.asks({REQUEST_PATH: REQUEST})
    world.pulls.git("update-server-info")
    served = {f"/config.git/{path}": (200, data) for path, data in contents(world.pulls.folder).items()}
    served["/config.git/info/refs?service=git-upload-pack"] = served["/config.git/info/refs"]
    runner = world.runner("pull_request", {"pull_request": {"number": 1, "user": ALICE, "head": {"sha": head}}})
    repo = repository(runner.workspace, {"x": "y"})
    [fetch] = [step for step in ACTION["runs"]["steps"] if step["name"] == "Fetch the head"]
    with serving(served) as api:
        git(repo, "remote", "add", "origin", f"{api.url}/config.git")
        runner.contexts["github"] |= {"server_url": api.url, "action_path": str(ROOT)}
        runner.job([fetch])
    assert not runner.failed, runner.steps
    assert {authorization for _, authorization in api.asked} == {"Basic eC1hY2Nlc3MtdG9rZW46YS10b2tlbi1vZi1naXRodWI="}
    assert not any(TOKEN.encode() in data or b"eC1hY2Nlc3M" in data for data in contents(repo).values())


# The action


def test_the_action_needs_no_words(world):
    """The scripts are those of the action: the base has none."""
    world.pulls.base = world.pulls.commit(dict.fromkeys(SCRIPTS), world.pulls.base)
    world.pulls.git("update-ref", "refs/heads/main", world.pulls.base)
    head = world.asks({REQUEST_PATH: REQUEST})
    pull = {"number": 1, "user": ALICE, "head": {"sha": head}, "base": {"ref": "main"}}
    inputs = {name: about["default"] for name, about in ACTION["inputs"].items()}
    runner = world.runner("pull_request", {"pull_request": pull}, inputs=inputs)
    runner.contexts["github"]["action_path"] = str(ROOT)
    runner.job(ACTION["runs"]["steps"], without=(INSTALL,))
    assert not runner.failed, runner.steps
    assert verdict(runner)["passes"] is True
    assert runner.value(ACTION["outputs"]["verdict"]["value"]) == str(runner.temp / "verdict.json")


# The installation


def test_without_a_lock_on_the_base_nothing_is_installed(world):
    runner = world.runner("pull_request", {})
    repository(runner.workspace, SCRIPTS)
    runner.job([step for step in GATE if step["name"] == INSTALL], SHELL)
    assert runner.failed
    assert "::error::There is no .github/onboard-requirements.txt on the base" in runner.steps[0].text


# The comment

RUN = 4711
HEAD = "1" * 40
EVENT = {
    "workflow_run": {
        "id": RUN,
        "event": "pull_request",
        "head_sha": HEAD,
        "head_branch": "a branch$(touch sprung)",
        "head_repository": {"id": 99, "owner": {"login": "stranger"}},
        "pull_requests": [],
    }
}
LISTED = f"/repos/{REPOSITORY}/pulls?state=open&base=main&head={{}}&per_page=100"
PULLS = LISTED.format("stranger%3Aa+branch%24%28touch+sprung%29")
ARTIFACTS = f"/repos/{REPOSITORY}/actions/runs/{RUN}/artifacts?name=verdict&per_page=100"


def pull(number: int, sha: str = HEAD, repo: int | None = 99) -> dict[str, Any]:
    return {"number": number, "head": {"sha": sha, "repo": None if repo is None else {"id": repo}}}


def found(world: World, pulls: object, event: dict[str, Any] = EVENT, listed: str = PULLS) -> tuple[Runner, Api]:
    lock = f"/repos/{REPOSITORY}/contents/{LOCK}?ref={world.pulls.base}"
    answers = {listed: (200, json.dumps(pulls).encode()), lock: (200, b"# the lock\nneeded==0.1.0\n")}
    with serving(answers) as api:
        runner = world.runner("workflow_run", event, api.url).job(COMMENT["jobs"]["find"]["steps"], COMMENT_SHELL)
    return runner, api


def test_the_pull_request_is_found_by_its_head(world):
    runner, api = found(world, [pull(3, "2" * 40), pull(4, repo=98), pull(5), pull(6, repo=None)])
    assert not runner.failed, runner.steps
    assert runner.outputs["find"] == {"number": "5", "lock": "# the lock\nneeded==0.1.0\n"}
    assert {authorization for _, authorization in api.asked} == {f"Bearer {TOKEN}"}


@pytest.mark.parametrize("pulls", [[], [pull(3, "2" * 40)], [pull(3), pull(4)]], ids=["none", "moved-on", "two"])
def test_without_one_pull_request_nothing_is_written(world, pulls):
    runner, _ = found(world, pulls)
    assert not runner.failed
    runner.contexts["needs"] = {"find": {"outputs": runner.outputs["find"]}}
    assert not runner.holds(COMMENT["jobs"]["comment"]["if"])


def test_a_run_of_the_merge_queue_has_no_comment(world):
    group = {"workflow_run": EVENT["workflow_run"] | {"event": "merge_group"}}
    assert not world.runner("workflow_run", group).holds(COMMENT["jobs"]["find"]["if"])


def test_an_api_that_does_not_answer_is_no_pull_request(world):
    runner = world.runner("workflow_run", EVENT).job(COMMENT["jobs"]["find"]["steps"], COMMENT_SHELL)
    assert runner.failed
    assert runner.outputs["find"] == {}


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return packed.getvalue()


def commented(world: World, *archives: bytes) -> tuple[Runner, Api, Api]:
    """The artifacts of a run in the order of their ids; GitHub gives each out at another address."""
    ids = range(11, 11 + len(archives))
    with serving({f"/{one}.zip": (200, data) for one, data in zip(ids, archives, strict=True)}) as store:
        elsewhere = store.url.replace("127.0.0.1", "localhost")
        answers: dict[str, tuple[int, bytes] | str] = {
            f"/repos/{REPOSITORY}/actions/artifacts/{one}/zip": f"{elsewhere}/{one}.zip" for one in ids
        }
        answers[ARTIFACTS] = (200, json.dumps({"artifacts": [{"id": one} for one in reversed(ids)]}).encode())
        with serving(answers) as api:
            needs = {"find": {"outputs": {"number": "5", "lock": ""}}}
            runner = world.runner("workflow_run", EVENT, api.url, needs=needs)
            runner.job(COMMENT["jobs"]["comment"]["steps"], COMMENT_SHELL, (INSTALL,))
    return runner, api, store


def test_the_verdict_of_the_last_run_is_written(world):
    runner, api, store = commented(world, zipped(("verdict.json", b"1")), zipped(("verdict.json", b'{"passes": true}')))
    assert not runner.failed, runner.steps
    told = json.loads((world.place / "told.json").read_text())
    file = str(runner.temp / "verdict.json")
    assert told["words"] == ["gate-comment", file, "--repo", REPOSITORY, "--pr", "5"]
    assert (told["token"], told["verdict"]) == (TOKEN, {"passes": True})
    assert {authorization for _, authorization in api.asked} == {f"Bearer {TOKEN}"}
    assert store.asked == [("/12.zip", "")], "the token goes to GitHub alone"


LINK = zipfile.ZipInfo("verdict.json")
LINK.external_attr = 0o120777 << 16


@pytest.mark.parametrize(
    "archive",
    [
        zipped(("../verdict.json", b"{}")),
        zipped(("/tmp/verdict.json", b"{}")),
        zipped(("verdict.json", b"{}"), ("../../job/temp/onboard/bin/onboard", b"#!/bin/sh")),
        zipped(("verdict.json/", b"")),
        zipped((LINK, b"/etc/passwd")),
        zipped(("verdict.json", b" " * (5 << 20))),
        zipped(("verdict.json", os.urandom(5 << 20))),
        bytes(5 << 20) + zipped(("verdict.json", b"{}")),
        zipped(),
        b"no archive",
    ],
    ids=["parent", "absolute", "second", "folder", "link", "bomb", "large", "long", "empty", "text"],
)
def test_an_archive_of_another_form_is_not_believed(world, archive):
    before = contents(world.installed / "bin")
    runner, _, _ = commented(world, archive)
    assert runner.ran() == ["Take the verdict out of the artifact"]
    assert runner.failed
    assert [path.name for path in runner.temp.iterdir() if path.name not in ("onboard", "verdict.zip")] == []
    assert contents(world.installed / "bin") == before


def test_a_run_without_a_verdict_has_no_comment(world):
    runner, _, _ = commented(world)
    assert not runner.failed
    assert runner.ran() == ["Take the verdict out of the artifact"]


# What GitHub has sent to others

EVENT_PATH = re.compile(r"github\.event\.([a-z_]+)((?:\.[a-z_]+)+)")


@pytest.fixture(scope="module")
def recorded(forge_folder: Path) -> dict[str, list[dict[str, Any]]]:
    """By the names of the events."""
    path = forge_folder / "node_modules/@octokit/webhooks-examples/api.github.com/index.json"
    return {one["name"]: one["examples"] for one in json.loads(path.read_text(encoding="utf-8"))}


@pytest.mark.parametrize(
    ("path", "events"),
    [
        ("repo-template/.github/workflows/validate.yml", {"pull_request", "merge_group"}),
        ("repo-template/.github/workflows/comment.yml", {"workflow_run"}),
        ("action.yml", {"pull_request", "merge_group"}),
    ],
)
def test_every_event_has_what_is_read_of_it(recorded, path, events):
    named = set(EVENT_PATH.findall((ROOT / path).read_text(encoding="utf-8")))
    assert {event for event, _ in named} == events
    for event, keys in named:
        for example in recorded[event]:
            value = example[event]
            for key in keys.removeprefix(".").split("."):
                value = value[key]
            assert isinstance(value, str | int), (event, keys)
            assert value != ""


@pytest.mark.parametrize("action", ["opened", "reopened", "synchronize", "ready_for_review"])
def test_a_recorded_pull_request_is_judged(world, recorded, action):
    event = copy.deepcopy(next(one for one in recorded["pull_request"] if one["action"] == action))
    about = event["pull_request"]
    head = world.asks({REQUEST_PATH: REQUEST}, about["number"])
    about["head"]["sha"], about["base"]["ref"] = head, "main"
    about["user"] |= ALICE
    found = verdict(world.runner("pull_request", event).job(GATE, SHELL, (INSTALL,)))
    assert (found["passes"], found["author"], found["head"]) == (True, "alice", head)


def test_a_recorded_group_of_the_merge_queue_is_judged(world, recorded):
    event = copy.deepcopy(recorded["merge_group"][0])
    group = event["merge_group"]
    number = int(group["head_ref"].rpartition("/pr-")[2].partition("-")[0])
    head = merged(world, world.asks({REQUEST_PATH: REQUEST}, number))
    world.pulls.git("update-ref", group["head_ref"], head)
    group["head_sha"], group["base_sha"] = head, world.pulls.base
    with serving(user(number, **ALICE)) as api:
        runner = world.runner("merge_group", event, api.url).job(GATE, SHELL, (INSTALL,))
    assert verdict(runner)["passes"] is True


def test_the_pull_request_of_a_recorded_run_is_found(world, recorded):
    event = copy.deepcopy(recorded["workflow_run"][0])
    run = event["workflow_run"]
    run["event"] = "pull_request"
    home = run["head_repository"]
    listed = LISTED.format(f"{home['owner']['login']}%3A{run['head_branch']}")
    runner, _ = found(world, [pull(5, run["head_sha"], home["id"])], event, listed)
    assert runner.outputs["find"]["number"] == "5"
