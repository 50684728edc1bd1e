"""Links between the pages lead somewhere, and every page is reached from the README."""

import pytest

from tests.support.pages import PAGES, ROOT, TEMPLATE, anchors, links


def places(page: str) -> list[tuple[str, str]]:
    """(path from the root, anchor) of each link to another place of this repository."""
    inside = [link for link in links(page) if "://" not in link]
    found = [link.partition("#") for link in inside]
    resolved = [((ROOT / page).parent / path if path else ROOT / page, anchor) for path, _, anchor in found]
    return [(path.resolve().relative_to(ROOT).as_posix(), anchor) for path, anchor in resolved]


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page):
    broken = [path for path, _ in places(page) if not (ROOT / path).exists()]
    broken += [f"{path}#{anchor}" for path, anchor in places(page) if anchor and anchor not in anchors(path)]
    assert broken == []


def test_every_page_is_reached_from_the_readme():
    found = {"README.md"}
    new = found
    while new:
        new = {path for page in new for path, _ in places(page) if path in PAGES} - found
        found |= new
    # The template is the README of another repository.
    assert sorted(found) == sorted({*PAGES} - {TEMPLATE})
    assert places(TEMPLATE) == []
