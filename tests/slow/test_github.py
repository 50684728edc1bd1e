"""`onboard gate-comment` against a GitHub of its own: a stateful counterpart that is not ours, and a bad network."""

import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from onboarding_tool import report_gate
from onboarding_tool.adapters import commenting
from onboarding_tool.errors import Exit
from onboarding_tool.findings import Finding
from onboarding_tool.gate.case import Kind
from onboarding_tool.gate.comment import MARKER
from onboarding_tool.gate.verdict import Approval, Verdict
from onboarding_tool.model import Member
from tests.conftest import give_up
from tests.support import forge
from tests.support.cli import Done, onboard
from tests.support.forge import BOT, FAULTS, SECONDARY, TOKEN, TOKENS, Emulate, Proxy, Pulled, answer, misfits

TIMEOUT = 1  # second; the proxy is silent for longer
CALLS = 6  # of an undisturbed run that writes


@pytest.fixture(scope="session")
def github(forge_folder, tmp_path_factory) -> Iterator[Emulate]:
    with forge.emulate(forge_folder, tmp_path_factory.mktemp("emulate")) as running:
        yield running


class Waiting(commenting.Clock):
    """It goes on at once, and knows how long one would have waited."""

    waited = 0.0
    patience = commenting.LIMIT

    def __init__(self) -> None:
        super().__init__(Waiting.patience, 0.0)
        Waiting.waited = 0.0

    def now(self) -> float:
        return Waiting.waited

    def sleep(self, seconds: float) -> None:
        Waiting.waited += seconds


@pytest.fixture
def proxy(github, monkeypatch) -> Iterator[Proxy]:
    found = Proxy(github, TIMEOUT * 1.5)
    monkeypatch.setenv("GITHUB_API_URL", found.url)
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    monkeypatch.delenv("GH_TOKEN", raising=False)
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr("onboarding_tool.adapters.commenting.Clock", Waiting)
    monkeypatch.setattr("onboarding_tool.adapters.github.TIMEOUT", TIMEOUT)
    yield found
    found.close()


@pytest.fixture
def pull(github) -> Pulled:
    return github.pull()


def verdict_of(pull: Pulled, **fields) -> Verdict:
    members = (Member("alice", pull.id_of("alice")), Member("bob", pull.id_of("bob")), Member("carol"))
    approvals = (Approval("payments-team", 2, "prod", members),)
    about = {"apis": ("payments",), "author": "alice", "effects": ("payments prod: image app v1 -> v2",)}
    return Verdict(Kind.REQUEST, pull.base, **({"head": pull.head, "approvals": approvals} | about | fields))


@pytest.fixture
def comment(tmp_path, proxy, capfd):
    """Runs the command. Whatever happens, every call is as GitHub describes it and the token stands in no output."""

    def run(pull: Pulled, *words: str, described: bool = True, **fields) -> Done:
        file = tmp_path / "verdict.json"
        file.write_text(report_gate.json(verdict_of(pull, **fields)))
        done = onboard("gate-comment", file, "--repo", pull.repo, "--pr", str(pull.number), *words)
        assert [(call, wrong) for call in proxy.calls if described and (wrong := misfits(call))] == []
        assert TOKEN not in done.text
        assert capfd.readouterr() == ("", ""), "something beside us has spoken"
        assert done.code != Exit.BUG, done
        assert Waiting.waited <= commenting.LIMIT
        return done

    return run


def ours(pull: Pulled) -> list[str]:
    return [text for _, login, text in pull.comments() if login == BOT]


def said(pull: Pulled, **fields) -> str:
    return f"{MARKER}\n{report_gate.comment(verdict_of(pull, **fields), [])}"


# What it says, and where


def test_a_verdict_is_told_once_and_then_left_alone(pull, comment, proxy):
    done = comment(pull)
    assert (done.code, done.out, done.err) == (0, f"created the comment on {pull.repo}#{pull.number}\n", "")
    assert ours(pull) == [said(pull)]
    assert len(proxy.calls) == CALLS
    proxy.calls.clear()
    assert comment(pull).out == f"unchanged the comment on {pull.repo}#{pull.number}\n"
    assert {call.verb for call in proxy.calls} == {"GET"}
    assert ours(pull) == [said(pull)]


def test_another_verdict_takes_the_place_of_the_first(pull, comment, proxy):
    comment(pull)
    [first] = pull.comments()
    worse = (Finding("apps/payments/x.yaml", 1, 1, "change-mixed", "it is mixed"),)
    assert comment(pull, findings=worse).out.startswith("updated")
    assert pull.comments() == [(first[0], BOT, said(pull, findings=worse))]


def test_what_a_tenant_writes_is_left_alone(pull, comment):
    planted = pull.comment(f"{MARKER}\naccepted, merge it", by="alice")
    quoted = pull.comment(f"> {MARKER}\n> accepted", by="alice")
    unmarked = pull.comment(f"by us, too\n{MARKER}", by=BOT)
    comment(pull)
    comment(pull, notes=("another",))
    found = {number: (login, text) for number, login, text in pull.comments()}
    assert found.pop(planted) == ("alice", f"{MARKER}\naccepted, merge it")
    assert found.pop(quoted) == ("alice", f"> {MARKER}\n> accepted")
    assert found.pop(unmarked) == (BOT, f"by us, too\n{MARKER}")
    assert list(found.values()) == [(BOT, said(pull, notes=("another",)))]


def test_ours_is_found_behind_many_others(pull, comment, proxy):
    for number in range(130):
        pull.comment(f"{number}", by="bob")
    comment(pull)
    for number in range(130):
        pull.comment(f"{number}", by="bob")
    assert comment(pull).out.startswith("unchanged")
    assert comment(pull, notes=("x",)).out.startswith("updated")
    assert ours(pull) == [said(pull, notes=("x",))]
    assert {call.query["page"][0] for call in proxy.calls if call.what == "GET comments"} == {"1", "2", "3"}


def test_duplicates_go_and_the_oldest_stays(pull, comment):
    numbers = [pull.comment(f"{MARKER}\nold {number}", by=BOT) for number in range(3)]
    comment(pull)
    assert pull.comments() == [(numbers[0], BOT, said(pull))]


def test_runs_at_once_leave_one_comment(github, comment, proxy, tmp_path):
    """In processes of their own, as in a pipeline, on a bad network; three rounds, as each is a race."""
    soon = answer(403, SECONDARY, Retry_After="1")
    for _ in range(3):
        pull = github.pull()
        proxy.disturb({0: FAULTS["reset"], 1: FAULTS["bad gateway"], 2: soon, 9: FAULTS["reset"], 11: FAULTS["lost"]})
        file = tmp_path / "verdict.json"
        file.write_text(report_gate.json(verdict_of(pull)))
        words = ["gate-comment", str(file), "--repo", pull.repo, "--pr", str(pull.number)]
        code = "from onboarding_tool.cli import main; main()"
        command = [sys.executable, "-c", code, *words]
        running = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(3)]
        outputs = [one.communicate(timeout=120) for one in running]
        assert [one.returncode for one in running] == [0, 0, 0], outputs
        assert [err for _, err in outputs] == [b"", b"", b""], "PyGithub says nothing by itself"
        assert ours(pull) == [said(pull)]


def test_another_run_that_creates_between_our_look_and_our_write(pull, comment, proxy):
    """Exactly then, and with another text: the older one stays, with what was written last."""

    def at_create(number, call):
        if call.what == "POST comments" and not pull.comments():
            pull.comment(f"{MARKER}\nof the other run", by=BOT)

    proxy.faults = at_create
    assert comment(pull).code == 0
    assert [(login, text) for _, login, text in pull.comments()] == [(BOT, said(pull))]


def test_another_run_that_writes_after_ours_is_not_fought(pull, comment, proxy):
    writes = []

    def at_look(number, call):
        if call.what == "PATCH comments":
            writes.append(call)
        elif call.what == "GET comments" and (found := pull.comments()):
            path = f"/repos/{pull.repo}/issues/comments/{found[0][0]}"
            pull.forge.call("PATCH", path, {"body": f"{MARKER}\nof the other run"}, login=BOT)

    pull.comment(f"{MARKER}\nold", by=BOT)
    proxy.faults = at_look
    assert comment(pull).code == 0
    assert len(writes) == 1


# Approvals


def approvals(pull: Pulled) -> str:
    [text] = ours(pull)
    return next(line for line in text.splitlines() if line.startswith("- approval:"))


def test_approvals_are_counted_at_the_judged_head(pull, comment):
    comment(pull)
    assert approvals(pull) == "- approval: `0 of 2 of payments-team, not alice, for prod`"
    pull.review("APPROVE", by="bob")
    pull.review("COMMENT", by="bob")
    pull.review("APPROVE", by="acme")
    comment(pull)
    assert approvals(pull) == "- approval: `1 of 2 of payments-team, not alice, for prod, so far bob`"
    again = pull.review("APPROVE", by="carol")
    comment(pull)
    assert approvals(pull) == "- approval: `2 of 2 of payments-team, for prod: bob, carol`"
    pull.dismiss(again)
    pull.review("REQUEST_CHANGES", by="bob")
    comment(pull)
    assert approvals(pull) == "- approval: `0 of 2 of payments-team, not alice, for prod`"


def test_an_approval_of_another_commit_does_not_count(pull, comment):
    pull.review("APPROVE", by="bob", commit=pull.base)
    comment(pull)
    assert approvals(pull).startswith("- approval: `0 of 2 ")


def test_the_author_as_the_forge_knows_it_does_not_count(github, comment):
    """Also where the verdict names somebody else as the author."""
    pull = github.pull(by="bob")
    pull.review("APPROVE", by="bob")
    pull.review("APPROVE", by="alice")
    comment(pull)
    assert approvals(pull).startswith("- approval: `0 of 2 ")


# Whether the verdict is of this pull request


def moved(pull: Pulled, **fields):
    """As if the pull request had another head by now."""
    about = pull.forge.call("GET", f"/repos/{pull.repo}/pulls/{pull.number}", login="acme")
    about["head"]["sha"] = "f" * 40
    return forge.Answer(200, json.dumps(about | fields).encode())


def test_a_head_that_moved_on_is_left_to_its_own_run(pull, comment, proxy):
    proxy.disturb_all(moved(pull), "GET pulls")
    done = comment(pull)
    assert (done.code, done.out) == (0, "")
    assert done.err.startswith(f"Not commented: {pull.repo}#{pull.number} has moved on from {pull.head[:12]}")
    assert pull.comments() == []


def test_a_head_that_moves_while_we_look_is_not_written_to(pull, comment, proxy):
    comment(pull)
    before = pull.comments()
    looks = []

    def second_look(number, call):
        if call.what == "GET pulls":
            looks.append(call)
            return moved(pull) if len(looks) > 1 else None
        return FAULTS["bad gateway"] if call.verb == "PATCH" else None

    proxy.faults = second_look
    assert comment(pull, notes=("x",)).code == 0
    assert pull.comments() == before


def test_a_verdict_of_a_commit_that_nobody_knows_is_an_error(pull, comment):
    done = comment(pull, head="a" * 40)
    assert (done.code, done.out) == (Exit.WORLD, "")
    assert "this repository has no such commit" in done.err
    assert pull.comments() == []


def test_a_token_that_may_not_see_commits_is_enough(pull, comment, proxy):
    def by_call(number, call):
        if call.what == "GET pulls":
            return moved(pull)
        return answer(403, "Resource not accessible by integration") if "/commits/" in call.path else None

    proxy.faults = by_call
    done = comment(pull)
    assert (done.code, "has moved on" in done.err) == (0, True)


def test_a_verdict_of_the_commit_that_would_be_merged_is_told(pull, comment, proxy):
    proxy.disturb_all(moved(pull, merge_commit_sha=pull.head), "GET pulls")
    done = comment(pull)
    assert (done.code, "not its head" in done.err) == (Exit.USAGE, True)
    assert pull.comments() == []


def test_a_token_of_somebody_else_leaves_nothing_behind(pull, comment, monkeypatch):
    monkeypatch.setenv("GITHUB_TOKEN", TOKENS["bob"])
    done = comment(pull)
    assert (done.code, "`--as bob`" in done.err) == (Exit.USAGE, True)
    assert pull.comments() == []
    assert comment(pull, "--as", "bob").code == 0
    assert comment(pull, "--as", "Bob").out.startswith("unchanged")


# A bad network


def prepared(pull: Pulled, start: str) -> None:
    if start == "old":
        pull.comment(f"{MARKER}\nold", by=BOT)
    if start == "two":
        pull.comment(f"{MARKER}\nold", by=BOT)
        pull.comment(f"{MARKER}\nolder", by=BOT)


def assert_told(done: Done, pull: Pulled, comment, proxy: Proxy) -> None:
    """The run ended well or said what to do, and after one more run there is exactly one comment, and it is right."""
    if done.code:
        assert done.code in (Exit.WORLD, Exit.TIMEOUT)
        assert done.err.startswith("onboard: GitHub")
        assert "Traceback" not in done.text
    else:
        assert ours(pull) == [said(pull)]
    proxy.disturb({})
    assert comment(pull).code == 0
    assert ours(pull) == [said(pull)]


@pytest.mark.parametrize("start", ["nothing", "old", "two"])
@pytest.mark.parametrize("fault", FAULTS)
def test_one_fault_at_each_call(github, comment, proxy, start, fault):
    """Each is gone the next time, so the run gets there by itself."""
    for number in range(CALLS + (3 if start == "two" else 0)):
        pull = github.pull()
        prepared(pull, start)
        proxy.disturb({number: FAULTS[fault]})
        done = comment(pull)
        assert len(proxy.calls) > number
        assert (done.code, done.err) == (0, ""), (number, done)
        assert_told(done, pull, comment, proxy)


@pytest.mark.parametrize("seed", range(40))
def test_faults_in_pairs(github, comment, proxy, seed):
    chance = random.Random(seed)
    pull = github.pull()
    prepared(pull, chance.choice(["nothing", "old", "two"]))
    places = chance.sample(range(CALLS + 2), 2)
    proxy.disturb({place: FAULTS[chance.choice(sorted(FAULTS))] for place in places})
    assert_told(comment(pull), pull, comment, proxy)


@pytest.mark.parametrize("what", ["", "POST"])
@pytest.mark.parametrize("fault", sorted(FAULTS.keys() - {"closed"}))  # which may go unnoticed
def test_a_fault_that_stays_ends_in_time(pull, comment, proxy, fault, what):
    proxy.disturb_all(FAULTS[fault], what)
    done = comment(pull)
    carried_out = bool(what) and fault in forge.CARRIED_OUT
    assert done.code == (Exit.OK if carried_out else Exit.TIMEOUT), done
    assert_told(done, pull, comment, proxy)


def test_who_asks_to_wait_for_long_is_not_waited_for(pull, comment, proxy):
    for status in (403, 429, 503):
        proxy.disturb_all(answer(status, SECONDARY, Retry_After="3600"))
        done = comment(pull)
        assert done.code == Exit.TIMEOUT
        assert "3,600 seconds" in done.err
        assert Waiting.waited == 0
    proxy.disturb_all(answer(403, "API rate limit exceeded for installation.", X_RateLimit_Reset="99999999999"))
    done = comment(pull)
    assert (done.code, Waiting.waited) == (Exit.TIMEOUT, 0)
    assert "GitHub takes no more calls for" in done.err


@pytest.mark.parametrize("fault", forge.CARRIED_OUT)
def test_to_create_is_not_tried_again_blindly(pull, comment, proxy, fault):
    """What was done is looked for first: nobody gets two messages for one comment."""
    proxy.disturb({3: FAULTS[fault]})
    assert comment(pull).code == 0
    assert [call.what for call in proxy.calls].count("POST comments") == 1
    assert ours(pull) == [said(pull)]


def test_an_answer_in_drops_ends_by_the_alarm(pull, comment, proxy, monkeypatch):
    """Each drop is a sign of life, so no time-out of the connection ends it."""

    def drip(number, call):
        return "drops" if call.what == "GET pulls" else None

    proxy.faults = drip
    monkeypatch.setattr(Waiting, "patience", 2.5)
    began = time.monotonic()
    done = comment(pull)
    assert (done.code, time.monotonic() - began < 10) == (Exit.TIMEOUT, True)
    assert "did not answer well within" in done.err
    proxy.disturb({})
    assert comment(pull).code == 0


@pytest.mark.parametrize("status", [202, 301])
def test_an_answer_that_leads_in_circles_ends(pull, comment, proxy, monkeypatch, status):
    """202 is "ask again", 301 another place, and PyGithub goes on for as long as it is told to."""
    there = f"/repos/{pull.repo}/pulls/{pull.number}"

    def circle(number, call):
        return answer(status, "there", Location=f"{proxy.url}{there}{'' if call.path.endswith('0') else '0'}")

    proxy.faults = circle
    monkeypatch.setattr(Waiting, "patience", 3.0)
    began = time.monotonic()
    assert comment(pull).code == Exit.TIMEOUT
    assert time.monotonic() - began < 20


@pytest.mark.parametrize(
    ("status", "message", "words"),
    [
        (401, "Bad credentials", ("does not accept the token",)),
        (403, "Resource not accessible by integration", ("refuses GET", "`pull-requests: write`")),
        (404, "Not Found", ("knows no acme/config", "--repo and --pr", "`pull-requests: write`")),
        (422, "Validation Failed", ("with 422: Validation Failed",)),
    ],
)
def test_what_github_refuses_is_told(pull, comment, proxy, status, message, words):
    proxy.disturb_all(answer(status, message))
    done = comment(pull)
    assert (done.code, done.out, len(proxy.calls)) == (Exit.WORLD, "", 1)
    assert message in done.err
    for word in words:
        assert word in done.err


def test_a_right_that_is_missing_for_writing_is_told_and_not_tried_again(pull, comment, proxy):
    proxy.disturb_all(answer(403, "Resource not accessible by integration"), "POST")
    done = comment(pull)
    assert (done.code, done.out) == (Exit.WORLD, "")
    assert "refuses POST" in done.err
    assert [call.verb for call in proxy.calls].count("POST") == 1


def test_a_pull_request_that_is_not_there(pull, comment):
    missing = Pulled(pull.forge, pull.repo, 999, pull.head, pull.base)
    done = comment(missing)
    assert (done.code, f"knows no {pull.repo}#999" in done.err) == (Exit.WORLD, True)


# The token


@pytest.mark.parametrize("status", [200, 301, 400, 401, 403, 404, 422, 429, 500])
def test_a_token_that_comes_back_is_not_shown(pull, comment, proxy, status):
    """In the words of an answer, and in an answer that cannot be read."""
    for body in (json.dumps({"message": f"no {TOKEN} here"}).encode(), f"{{{TOKEN}".encode(), TOKEN.encode()):
        proxy.disturb_all(forge.Answer(status, body, {"Location": f"http://127.0.0.1:1/{TOKEN}", "X-Y": TOKEN}))
        done = comment(pull, described=status != 301)  # which leads to where the answer says, on the same host
        assert done.code in (Exit.WORLD, Exit.TIMEOUT)
        assert "Traceback" not in done.text


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_the_token_goes_nowhere_else(github, pull, comment, proxy, status):
    """Neither to another host nor to another port."""
    elsewhere = Proxy(github, TIMEOUT)
    try:
        for place in (elsewhere.url, elsewhere.url.replace("127.0.0.1", "localhost")):
            proxy.disturb_all(answer(status, "Moved", Location=f"{place}/repos/{pull.repo}/pulls/1"))
            assert comment(pull).code in (Exit.WORLD, Exit.TIMEOUT)
        assert elsewhere.calls == []
    finally:
        elsewhere.close()
    assert pull.comments() == []


def test_the_token_is_sent_to_the_api_and_stands_in_no_address(pull, comment, proxy):
    comment(pull)
    assert {call.headers["authorization"] for call in proxy.calls} == {f"token {TOKEN}"}
    assert not [
        call for call in proxy.calls if TOKEN in call.path or TOKEN in str(call.query) or TOKEN in str(call.body)
    ]


def test_a_proxy_does_not_see_what_stays_on_this_machine(github, pull, comment, proxy, monkeypatch):
    other = Proxy(github, TIMEOUT)
    monkeypatch.delenv("no_proxy")
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, other.url)
    assert comment(pull).code == 0
    assert other.calls == []
    other.close()


# Our counterparts


def test_the_extract_is_what_the_description_says(forge_folder, tmp_path):
    """The package is fetched again."""
    from tests.tools import github_openapi

    npm = [forge_folder / "node/bin/node", forge_folder / "node/lib/node_modules/npm/bin/npm-cli.js"]
    command = [*map(str, npm), "pack", "--silent", github_openapi.PACKAGE]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    if done.returncode:
        give_up(f"no description: {done.stderr[-300:]}")
    [package] = tmp_path.glob("*.tgz")
    assert github_openapi.text(package) == github_openapi.TARGET.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "call",
    [
        forge.Call("POST", "/repos/o/r/issues/1/comments", {}, {}, {}),
        forge.Call("POST", "/repos/o/r/issues/1/comments", {}, {"body": 1}, {}),
        forge.Call("POST", "/repos/o/r/issues/1/comments", {}, {"body": "x", "text": "x"}, {}),
        forge.Call("GET", "/repos/o/r/issues/1/comments", {"per_site": ["1"]}, None, {}),
        forge.Call("GET", "/repos/o/r/issues/one/comments", {}, None, {}),
        forge.Call("PUT", "/repos/o/r/issues/1/comments", {}, None, {}),
        forge.Call("DELETE", "/repos/o/r/issues/comments/1", {}, {"body": "x"}, {}),
    ],
)
def test_a_call_that_github_would_not_take_is_found(call):
    assert misfits(call) != []
