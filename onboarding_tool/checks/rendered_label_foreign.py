"""No rendered object of an API carries the ownership label of another API: not on it, in a selector, or in a template.

It is judged on what the overlay renders to: in the folder that Argo CD reads the platform's own stamp would hide a
foreign one on the object itself, and not the one in its selector. It says only what the rule `ownership-label-foreign`
did not see in the files.

Bad:

    # apps/payments/base/pdb.yaml
    spec:
      selector:
        matchExpressions:
          - {key: platform/api-name, operator: In, values: [orders]}

Good:

    # nothing: the label is added to every object when the API is delivered

Fix: take out what makes it: an expression, a patch, a label or an option of a generator.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from onboarding_tool.checks.facts.rendered import fault, in_overlays, named
from onboarding_tool.checks.facts.stated import labels
from onboarding_tool.checks.facts.written import Fault
from onboarding_tool.checks.rule import POLICY, RENDERED, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Api, Object, Repo
from onboarding_tool.yamltext import Path

RULE = "rendered-label-foreign"
SCOPE = Scope.API
NEEDS = POLICY | RENDERED

NO_LABELS = (("data",), ("binaryData",), ("stringData",), ("metadata", "annotations"))
UNKNOWN = repr(None)  # what a patch copies, as the other rule sees it
HINT = "Take out what makes it: the label is added to every object when the API is delivered."


def check(repo: Repo) -> Iterator[Finding]:
    label = repo.platform.ownership_label

    def judge(api: Api, environment: str, objects: Sequence[Object]) -> Iterator[Fault]:
        found = [(item, *one) for item in objects for one in _foreign(item.value, label, api.name)]
        seen = _stated(repo, api, environment, label) if found else set()
        for item, at, value in found:
            if not seen & {repr(value), UNKNOWN}:
                problem = f"{named(item)} carries the label {label!r} of {value!r} ({'.'.join(map(str, at[:-1]))})"
                yield fault(api, environment, item, at, problem, HINT)

    yield from in_overlays(repo, RULE, judge)


def _stated(repo: Repo, api: Api, environment: str, label: str) -> set[str]:
    """The values that the files state, which the rule for what is written speaks of."""
    both = (api.base, api.overlays.get(environment))
    stated = (one for part in both if part for one in labels(repo, part))
    return {repr(one.value) for one in stated if one.name == label}


def _foreign(value: Any, label: str, own: str, at: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every place that says the label with another value, also as `key` and `values` of an expression."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _foreign(item, label, own, (*at, index))
    if not isinstance(value, dict):
        return
    for key, item in value.items():
        if not isinstance(item, dict | list):
            if key == label and item != own:
                yield (*at, key), item
        elif (*at, key)[-2:] not in NO_LABELS:
            yield from _foreign(item, label, own, (*at, key))
    yield from _expression(value, label, own, at)


def _expression(value: Mapping[str, Any], label: str, own: str, at: Path) -> Iterator[tuple[Path, Any]]:
    """`{key: <label>, operator: In, values: [...]}`, as selectors by expression write it."""
    if value.get("key") == label and value.get("operator") == "In":
        others = [one for one in value.get("values") or [] if one != own]
        yield from (((*at, "values"), one) for one in others)
