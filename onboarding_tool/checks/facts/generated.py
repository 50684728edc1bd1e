"""How generated/ and CODEOWNERS differ from what `onboard generate` writes."""

from dataclasses import dataclass
from functools import lru_cache

from onboarding_tool import generators
from onboarding_tool.generators import State
from onboarding_tool.model import Repo
from onboarding_tool.same import Same
from onboarding_tool.tree import Tree


@dataclass(frozen=True, slots=True)
class Difference:
    """A file that is not what is generated, and the first line in which it differs (1 for all but a stale one)."""

    state: State
    path: str
    line: int = 1


def differences(repo: Repo) -> tuple[Difference, ...]:
    """By path. The repo's policy files and metadata must be sound.

    Several rules ask for it in one run, and it takes longer than all that they do with it: it is found out once.
    """
    return _differences(Same(repo))


@lru_cache(maxsize=1)
def _differences(same: Same[Repo]) -> tuple[Difference, ...]:
    wanted, tree = generators.generate(same.value), same.value.tree
    return tuple(
        Difference(state, path, _line(tree, path, wanted[path]) if state is State.STALE else 1)
        for state, path in generators.staleness(tree, wanted)
    )


def _line(tree: Tree, path: str, wanted: bytes) -> int:
    lines, expected = tree.read(path).split(b"\n"), wanted.split(b"\n")
    differing = (index for index, (one, other) in enumerate(zip(lines, expected, strict=False)) if one != other)
    return next(differing, min(len(lines), len(expected)) - 1) + 1
