"""Move a config repo to this version of the tool: its pin, fields that are new, the copies of the schemas."""

import json
from typing import Any

from onboarding_tool import resources, template, yamltext
from onboarding_tool.model import PLATFORM_FILE, Changes, Tree, mapping
from onboarding_tool.yamltext import OURS, Flow


def upgrade(tree: Tree, version: str) -> Changes:
    """What changes but for generated/: platform.yaml by splices, and .onboard/schemas."""
    text = tree.read(PLATFORM_FILE).decode("utf-8")
    text = yamltext.set_key(text, ("tool",), "version", version)
    for key, value in _new_fields(text):
        text = yamltext.set_key(text, (), key, Flow(value) if isinstance(value, dict | list) else value)
    wanted: Changes = {PLATFORM_FILE: text.encode(), **template.schemas()}
    return {path: data for path, data in wanted.items() if path not in tree or tree.read(path) != data}


def _new_fields(text: str) -> list[tuple[str, Any]]:
    """(key, default) of each top-level field of platform.yaml that the schema knows and the file does not say."""
    schema = json.loads(resources.schema_text("platform"))
    said = mapping(yamltext.read(text.encode(), OURS).documents[0])
    defaults = {key: about.get("default") for key, about in schema["properties"].items()}
    return [(key, default) for key, default in defaults.items() if key not in said and default is not None]
