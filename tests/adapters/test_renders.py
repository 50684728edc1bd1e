"""Renders are judged one API after the other; what kustomize made of the same bytes before is remembered."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from onboarding_tool.adapters import renders
from onboarding_tool.adapters.cache import Cache
from onboarding_tool.adapters.cached_renderer import CachedRenderer
from onboarding_tool.adapters.renderer import Renderer
from onboarding_tool.checks import judging
from onboarding_tool.errors import WorldError
from onboarding_tool.rendering import Failure, Form, Rendered, RenderRequest
from tests.support.rendered import with_renders
from tests.support.repos import edited, good, repo_of, second_api, with_component

DEPLOYMENT = "apps/payments/base/deployment.yaml"
NO_RENDERER = Path("/nowhere/onboard-renderer")
TODAY = "2026-11-20"


def two() -> dict[str, str]:
    """Two APIs, with what is generated, and a component."""
    return with_component("labels: [{pairs: {tier: api}}]\n", good() | second_api())


BROKEN = edited(
    DEPLOYMENT, "          ports:", "          securityContext: {privileged: true}\n          ports:", two()
)


@pytest.mark.parametrize("files", [two(), BROKEN], ids=["good", "broken"])
def test_what_is_found_one_by_one_is_what_is_found_of_all_together(renderer, files):
    repo = repo_of(files)
    with Renderer(jobs=1, command=renderer) as rendering:
        whole = with_renders(repo, rendering)
        one_by_one = renders.judge(repo, rendering)
    assert whole.renders is not None
    outlines = {(name, env): items for name, one in one_by_one.items() for env, items in one.outlines.items()}
    findings = {finding for one in one_by_one.values() for finding in one.findings}
    assert (outlines, findings) == (whole.renders.outlines, judging.judge_renders(whole))
    assert bool(findings) is (files is BROKEN)


def test_an_overlay_is_asked_for_right_after_what_is_generated_around_it(renderer):
    """The renderer still has it then."""
    asked: list[str] = []

    class Noting:
        def render(self, requests: Iterable[RenderRequest]) -> Iterator[Rendered]:
            with Renderer(jobs=1, command=renderer) as rendering:
                for found in rendering.render(requests):
                    asked.append(found.path)
                    yield found

    found = renders.outlines(repo_of(two()), Noting())
    overlays = [f"apps/{api}/overlays/{environment}" for api, some in found.items() for environment in some]
    assert asked[1::2] == overlays
    assert asked[::2] == ["generated/{3}/apps/{1}".format(*folder.split("/")) for folder in overlays]
    assert len(overlays) > 2


# Single renders


REQUESTS = [
    RenderRequest(f"o{number}", {f"o{number}/kustomization.yaml": f"namePrefix: a{number}".encode()}, Form.OBJECTS)
    for number in range(600)
]
BAD = RenderRequest("bad", {"bad/kustomization.yaml": b"resources: [gone.yaml]"}, Form.OBJECTS)
MAP = RenderRequest("m", {"m/kustomization.yaml": b"configMapGenerator: [{name: a, literals: [a=1]}]"}, Form.OBJECTS)


@pytest.fixture
def cached(tmp_path) -> Iterator[Callable[[Renderer], CachedRenderer]]:
    with Cache(tmp_path / "cache", TODAY) as cache:
        yield lambda renderer: CachedRenderer(renderer, cache)


def test_renders_come_in_the_order_of_the_requests_known_or_not(renderer, cached):
    with Renderer(jobs=2, command=renderer) as rendering:
        list(cached(rendering).render([*REQUESTS[::3], MAP]))
        found = list(cached(rendering).render([*REQUESTS, MAP, BAD, MAP]))
    assert [one.path for one in found] == [*(one.path for one in REQUESTS), "m", "bad", "m"]
    assert found[-2].failure is Failure.ERROR
    assert found[-1] == found[-3]
    assert found[-1].values[0]["data"] == {"a": "1"}


def test_only_objects_are_kept_and_no_failures(renderer, cached):
    text = RenderRequest(MAP.path, MAP.files)
    with Renderer(jobs=1, command=renderer) as rendering:
        assert "kind: ConfigMap" in next(cached(rendering).render([text])).text
        list(cached(rendering).render([MAP, BAD]))
    with Renderer(jobs=1, command=NO_RENDERER) as none:
        (found,) = cached(none).render([MAP])
        assert found.values
        for request in (text, BAD, RenderRequest("other", MAP.files, Form.OBJECTS)):
            with pytest.raises(WorldError):
                list(cached(none).render([request]))


def test_a_value_that_is_none_is_rendered_again(renderer, tmp_path):
    with Cache(tmp_path / "cache", TODAY) as cache, Renderer(jobs=1, command=renderer) as rendering:
        (first,) = CachedRenderer(rendering, cache).render([MAP])
        ((key, value),) = _entries(cache)
        for rubbish in (b"", b"rubbish", value[:-3]):
            cache.put({key: rubbish})
            assert list(CachedRenderer(rendering, cache).render([MAP])) == [first]


def _entries(cache: Cache) -> list[tuple[bytes, bytes]]:
    assert cache._connection is not None
    return cache._connection.execute("SELECT key, value FROM entry").fetchall()
