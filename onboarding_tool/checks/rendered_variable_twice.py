"""No container comes out with the same environment variable twice.

Kubernetes takes the last one and hides the others, and an apply that merges by names may drop either of them. Two
changes that are right alone make two of one: git merges what they add at different places of the list.

Bad:

    env:
      - {name: MODE, value: fast}
      - {name: ZONE, value: a}
      - {name: MODE, value: safe}

Good:

    env:
      - {name: MODE, value: safe}
      - {name: ZONE, value: a}

Fix: delete the one that is not meant. The one that holds in the cluster is the last one.
"""

from collections.abc import Iterator, Sequence

from onboarding_tool.checks.facts.rendered import fault, in_delivered
from onboarding_tool.checks.facts.written import Fault
from onboarding_tool.checks.rule import RENDERED, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Api, Object, Repo, mapping, sequence, text

RULE = "rendered-variable-twice"
SCOPE = Scope.API
NEEDS = RENDERED


def check(repo: Repo) -> Iterator[Finding]:
    yield from in_delivered(repo, RULE, _twice)


def _twice(api: Api, environment: str, objects: Sequence[Object]) -> Iterator[Fault]:
    for item in objects:
        for at, container in item.containers():
            seen: set[str] = set()
            for index, variable in enumerate(sequence(container.get("env"))):
                name = text(mapping(variable).get("name"))
                if name in seen:
                    where = f"the container {text(container.get('name'))!r} of {item.kind} {item.name!r}"
                    problem = f"{where} comes out with the variable {name!r} twice"
                    yield fault(api, environment, item, (*at, "env", index), problem, "Delete one of the two.")
                seen |= {name} - {""}
