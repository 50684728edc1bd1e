"""A process that renders the folders of a config repo that standard input lists, and prints them: for rendering.py."""

import sys
from pathlib import Path

from onboarding_tool.adapters.files import FolderTree
from onboarding_tool.adapters.renderer import Renderer
from onboarding_tool.rendering import render_request

tree = FolderTree(Path(sys.argv[1]))
requests = (render_request(tree, folder) for folder in sys.stdin.read().split())
with Renderer() as renderer:
    for rendered in renderer.render(requests):
        if rendered.failure:
            sys.exit(f"{rendered.path}: {rendered.message}")
        sys.stdout.write(rendered.text)
