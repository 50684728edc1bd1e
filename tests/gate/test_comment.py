"""What is to be done so that one comment of ours is there: decided from what is there, whoever has written it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding_tool.gate.comment import MARKER, Comment, Create, Delete, Edit, Step, is_ours, marked, next_step

US = "github-actions[bot]"
BODY = marked("### accepted\n")
AUTHORS = st.sampled_from([US, "GitHub-Actions[bot]", "alice", "github-actions"])
BODIES = st.sampled_from([BODY, marked("old"), BODY.replace("\n", "\r\n"), f"> {BODY}", f"x\n{BODY}", MARKER, "", "x"])
THERE = st.lists(st.builds(Comment, st.integers(1, 99), AUTHORS, BODIES), max_size=8, unique_by=lambda one: one.id)


def done(comments: list[Comment], step: Step) -> list[Comment]:
    match step:
        case Create(body):
            return [*comments, Comment(max((one.id for one in comments), default=0) + 1, US, body)]
        case Edit(number, body):
            return [Comment(one.id, one.author, body) if one.id == number else one for one in comments]
        case Delete(number):
            return [one for one in comments if one.id != number]


@pytest.mark.parametrize(
    ("comments", "step"),
    [
        ([], Create(BODY)),
        ([Comment(1, "alice", BODY)], Create(BODY)),
        ([Comment(1, US, f"quoted:\n{BODY}")], Create(BODY)),
        ([Comment(1, US, "> " + BODY)], Create(BODY)),
        ([Comment(1, US, MARKER[:-1])], Create(BODY)),
        ([Comment(1, US, BODY)], None),
        ([Comment(1, US.upper(), BODY)], None),
        ([Comment(1, US, BODY.replace("\n", "\r\n").rstrip())], None),
        ([Comment(2, US, marked("old"))], Edit(2, BODY)),
        ([Comment(3, US, BODY), Comment(2, US, marked("old"))], Edit(2, BODY)),
        ([Comment(3, US, BODY), Comment(2, US, BODY), Comment(1, "alice", BODY)], Delete(3)),
    ],
)
def test_the_next_step(comments, step):
    assert next_step(comments, US, BODY) == step


def test_what_we_wrote_already_is_not_written_again():
    assert next_step([Comment(1, US, marked("of another run"))], US, BODY, wrote=[1]) is None
    assert next_step([Comment(1, US, marked("of another run"))], US, BODY, wrote=[2]) == Edit(1, BODY)


@given(THERE)
def test_the_steps_end_with_one_comment_of_ours_and_touch_no_other(comments):
    now = comments
    for _ in range(len(comments) + 2):
        if (step := next_step(now, US, BODY)) is None:
            break
        now = done(now, step)
    assert next_step(now, US, BODY) is None
    [one] = [one for one in now if is_ours(one, US)]
    assert one.body.replace("\r\n", "\n").strip() == BODY.strip()
    assert [one for one in now if not is_ours(one, US)] == [one for one in comments if not is_ours(one, US)]


class Run:
    """It looks and acts by turns, and between the two the other one may act."""

    def __init__(self, body: str) -> None:
        self.body, self.wrote = body, set[int]()
        self.step: Step | None = None
        self.looked, self.ended = False, False

    def go_on(self, now: list[Comment]) -> list[Comment]:
        if self.looked and self.step is not None:
            self.looked = False
            now = done(now, self.step)
            if not isinstance(self.step, Delete):
                self.wrote.add(self.step.id if isinstance(self.step, Edit) else now[-1].id)
        elif not self.ended:
            self.step, self.looked = next_step(now, US, self.body, self.wrote), True
            self.ended = self.step is None
        return now


@given(THERE, st.lists(st.booleans(), max_size=40))
def test_two_runs_at_once_end_with_one_comment(comments, turns):
    """Whose turn it is, is chance. The texts of both are different, so either may be what stays."""
    now, runs = comments, (Run(BODY), Run(marked("of the other")))
    for turn in [*turns, *[False] * 40, *[True] * 40]:
        now = runs[turn].go_on(now)
    assert all(run.ended for run in runs)
    [one] = [one for one in now if is_ours(one, US)]
    assert one.body in (BODY, BODY.replace("\n", "\r\n"), runs[1].body)
    assert [one for one in now if not is_ours(one, US)] == [one for one in comments if not is_ours(one, US)]
