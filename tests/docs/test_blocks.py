"""Every fenced block of the documentation is executed by a test that exists; tests/support/pages.py says by which."""

import ast
from collections.abc import Iterator

import pytest

from tests.support.pages import EXECUTED, PAGES, ROOT, Block, blocks, blocks_of, tokens


def places_of(block: Block) -> Iterator[str]:
    return (place for page, beginning, place in EXECUTED if page == block.page and block.text.startswith(beginning))


def test_every_block_is_executed_by_one_test():
    places = {
        block.name: [
            place for page, beginning, place in EXECUTED if page == block.page and block.text.startswith(beginning)
        ]
        for page in PAGES
        for block in blocks(page)
    }
    assert {name: found for name, found in places.items() if len(found) != 1} == {}
    assert len(places) == len(EXECUTED), "the table names blocks that are no longer there"


def test_no_block_is_hidden_by_its_indentation():
    """The pages of the rules have such ones, for terminals."""
    hidden = {page for page in PAGES for token in tokens(page) if token.type == "code_block"}
    assert {page for page in hidden if not page.startswith("docs/rules/")} == set()


@pytest.mark.parametrize("place", sorted({place for _, _, place in EXECUTED}))
def test_there_is_a_test_that_takes_its_blocks(place):
    file, _, name = place.partition("::")
    module = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    [test] = [item for item in module.body if isinstance(item, ast.FunctionDef) and item.name == name]
    assert "blocks" in {argument.arg for argument in test.args.args}
    parts = [item for part in test.body for item in ast.walk(part)]
    assert "blocks" in {item.id for item in parts if isinstance(item, ast.Name)}
    if any(block.shows for block in blocks_of(place)):
        assert {"follows", "shows"} & {item.attr for item in parts if isinstance(item, ast.Attribute)}
