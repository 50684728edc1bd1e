"""The truth table of `images:`: our renderer, kustomize and the table agree on every row."""

from collections.abc import Iterator

import pytest
import yaml

from onboarding_tool.adapters.renderer import Renderer
from tests.support.git import write
from tests.support.image_rows import FAILS, PANICS, TABLE
from tests.support.oracles import Built, as_built, kustomize_oracle, rendered


@pytest.fixture(scope="module")
def rendering(renderer) -> Iterator[Renderer]:
    with Renderer(jobs=1, command=renderer) as started:
        yield started


@pytest.mark.parametrize("row", TABLE, ids=range(len(TABLE)))
def test_row(rendering, kustomize, tmp_path, row):
    write(tmp_path, row.files())
    (found,) = rendered(rendering, row.files(), ["o"])
    ours = as_built(found)
    assert ours == kustomize_oracle(kustomize).build(tmp_path / "o")
    if row.result in (FAILS, PANICS):
        assert ours == Built(None, panicked=row.result == PANICS)
    else:
        assert ours.text is not None
        assert yaml.safe_load(ours.text) == yaml.safe_load(row.result)
