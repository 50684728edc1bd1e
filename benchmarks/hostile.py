"""A process that renders one overlay that means harm, given to standard input, and then a harmless one."""

import pickle
import sys
from collections.abc import Iterator

from onboarding_tool.adapters.renderer import Renderer
from onboarding_tool.rendering import RenderRequest

HARMLESS = RenderRequest("good", {"good/kustomization.yaml": b"configMapGenerator: [{name: a, literals: [a=1]}]\n"})


def attacks() -> Iterator[tuple[str, bytes]]:
    """Those of the tests, as they are given to the process: its own memory shall hold none of the tests' modules."""
    from tests.slow.test_renderer_hostile import FAILING, attack, endless

    for name in FAILING:
        yield name, pickle.dumps(attack(name))
    yield "build without end", pickle.dumps(endless())


def main() -> None:
    with Renderer(jobs=1) as renderer:
        harmful, harmless = renderer.render([pickle.load(sys.stdin.buffer), HARMLESS])
    if not harmful.failure or harmless.failure:
        sys.exit(f"{harmful.failure}, and then {harmless.failure}")


if __name__ == "__main__":
    main()
