"""A process that renders one overlay that means harm, and then a harmless one: for rendering.py."""

import sys

from onboarding_tool.adapters.renderer import Renderer
from tests.adapters.test_renderer_hostile import FAILING, HARMLESS, attack, endless

ENDLESS = "build without end"
NAMES = (*FAILING, ENDLESS)


def main(name: str) -> None:
    with Renderer(jobs=1) as renderer:
        harmful, harmless = renderer.render([endless() if name == ENDLESS else attack(name), HARMLESS])
    if not harmful.failure or harmless.failure:
        sys.exit(f"{name}: {harmful.failure}, and then {harmless.failure}")


if __name__ == "__main__":
    main(sys.argv[1])
