"""What is right as written is right as rendered: no rule on renders finds anything in the examples."""

import pytest

from onboarding_tool.checks import judging
from onboarding_tool.checks.rule import Need
from tests.support.examples import NAMES, example, files_below
from tests.test_golden import GOLDEN


@pytest.mark.parametrize("name", NAMES)
def test_an_example_with_its_golden_files_passes_rendered(name, rendered_repo):
    repo = rendered_repo(example(name) | files_below(GOLDEN / name))
    verdict = judging.run(repo, ())
    assert verdict.findings == ()
    assert Need.RENDERER in judging.available(repo, ())
    assert all(render.objects for render in (*repo.renders.overlay.values(), *repo.renders.generated.values()))
