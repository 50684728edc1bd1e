"""Comments of a YAML text: what no value holds, and what is lost when a text is written anew."""

from collections.abc import Iterator

import yaml

from onboarding_tool.yamltext.composing import Loader


def comments(text: str) -> list[str]:
    """Every comment, from its # to the end of its line; none of a text that is not YAML."""
    try:
        return [comment for gap in _gaps(text) for comment in _in_gap(gap)]
    except yaml.YAMLError:
        return []


def _gaps(text: str) -> Iterator[str]:
    """What stands between tokens."""
    end = 0
    for token in yaml.scan(text, Loader=Loader):
        if token.start_mark.index > end:
            yield text[end : token.start_mark.index]
        if isinstance(token, yaml.ScalarToken) and token.style in ("|", ">"):
            yield _header(text, token.start_mark.index)
        end = max(end, token.end_mark.index)
    yield text[end:]


def _header(text: str, start: int) -> str:
    """The first line of a block scalar, behind its | or >."""
    stop = text.find("\n", start)
    return text[start + 1 : stop if stop >= 0 else len(text)]


def _in_gap(gap: str) -> Iterator[str]:
    for line in gap.split("\n"):
        _, mark, comment = line.partition("#")
        if mark:
            yield f"#{comment.rstrip()}"
