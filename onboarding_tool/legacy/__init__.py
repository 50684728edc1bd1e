"""Exported manifests of a running API -> the files of an API in the config repo, and everything that was not kept.

Import changes no pod template and no object's name, so that adopting a running API restarts nothing.
"""

from onboarding_tool.legacy.importing import import_api
from onboarding_tool.legacy.report import not_kept
from onboarding_tool.legacy.values import Import, Note, Wish

__all__ = ["Import", "Note", "Wish", "import_api", "not_kept"]
