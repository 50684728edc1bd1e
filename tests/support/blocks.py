"""Both ways to read YAML, held against each other."""

from onboarding_tool.yamltext import KUSTOMIZATION, MANIFEST, OURS, Dialect, blocks, read
from onboarding_tool.yamltext.blocks import UnknownError
from onboarding_tool.yamltext.composing import UnreadableError, decode, needs_audit
from onboarding_tool.yamltext.reading import Parsed, from_nodes

DIALECTS = (OURS, KUSTOMIZATION, MANIFEST)


def is_known(data: bytes, dialect: Dialect) -> bool:
    """Whether a text is read line by line; then libyaml reads the same, and so does everybody who asks."""
    try:
        text = decode(data, dialect)
        if needs_audit(text, dialect):
            return False
        value = blocks.read(text, strict=dialect.strict)
    except (UnreadableError, UnknownError):
        return False
    parsed = Parsed((value,), ())
    assert repr(from_nodes(text, dialect, [])) == repr(parsed) == repr(read(data, dialect))  # True is no 1
    return True
