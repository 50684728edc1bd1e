"""YAML as text: read strictly, say where things stand, write plainly, edit by splices.

Reading is PyYAML's libyaml binding, because a fleet has 100,000 files, and blocks.py where they are plain. ruamel.yaml
is the second opinion after every splice: an edit counts only if two independent parsers agree on what it changed.
"""

from onboarding_tool.yamltext.composing import (
    KUSTOMIZATION,
    MANIFEST,
    OURS,
    Dialect,
    Problem,
    hidden_character,
    texts,
)
from onboarding_tool.yamltext.locating import Mark, Path, locate
from onboarding_tool.yamltext.reading import Parsed, Value, read
from onboarding_tool.yamltext.splicing import SpliceError, append, remove, replace, set_key
from onboarding_tool.yamltext.writing import Flow, dump, scalar

__all__ = [
    "KUSTOMIZATION",
    "MANIFEST",
    "OURS",
    "Dialect",
    "Flow",
    "Mark",
    "Parsed",
    "Path",
    "Problem",
    "SpliceError",
    "Value",
    "append",
    "dump",
    "hidden_character",
    "locate",
    "read",
    "remove",
    "replace",
    "scalar",
    "set_key",
    "texts",
]
