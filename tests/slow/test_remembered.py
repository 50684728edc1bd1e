"""The long runs of what tests/adapters/test_memory.py and test_indexed_tree.py begin: no change is missed."""

import pytest
from hypothesis import given, settings

from tests.support.broken import histories
from tests.support.clones import PLACES, copied, place, same
from tests.support.disorder import steps
from tests.support.judging import hold_against_each_other, without_requests


@settings(max_examples=15)
@given(histories(without_requests()))
def test_the_verdict_on_renders_is_the_same_whatever_happened_before(few_are_many, renderer, tmp_path_factory, history):
    hold_against_each_other(tmp_path_factory.mktemp("config"), history)


@settings(max_examples=40)
@given(histories(without_requests()))
def test_the_verdict_is_the_same_whatever_happened_before(few_are_many, tmp_path_factory, history):
    hold_against_each_other(tmp_path_factory.mktemp("config"), history, "nobody asked")


@pytest.mark.parametrize("where", PLACES)
def test_the_answers_are_those_of_the_folder_whatever_happened(few_are_many, tmp_path, where):
    pristine = place(tmp_path / "pristine", where)

    @settings(max_examples=60)
    @given(steps)
    def answer(done):
        root = copied(pristine, tmp_path / "copy")
        for _, step in done:
            step(root)
        same(root)

    answer()
