"""Whether an object is one that a cluster accepts: its fields, their types and values, and what must be there.

The schemas are closed: a field that Kubernetes would drop in silence is a misfit. Which kinds and versions, and why
the judge is our own: docs/decisions/0008-kubernetes-schemas.md
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from onboarding_tool import resources
from onboarding_tool.kubernetes_judge import Judge, Misfit, Schema, compiled
from onboarding_tool.wording import listed


@dataclass(frozen=True, slots=True)
class Schemas:
    """What a cluster with one version of Kubernetes knows.

    `kinds` maps `apiVersion kind` to the name of a definition, `judges` to what judges objects by it; `origins` an API
    group to what its definitions are of, such as `Argo CD 3.5.1`.
    """

    kinds: Mapping[str, str]
    definitions: Mapping[str, Schema]
    judges: Mapping[str, Judge]
    origins: Mapping[str, str]

    def origin(self, value: Mapping[str, Any]) -> str:
        """By what an object is judged."""
        return self.origins.get(_group(str(value.get("apiVersion"))), self.origins[""])


def versions() -> tuple[str, ...]:
    """The versions of Kubernetes that can be judged by, major.minor, oldest first."""
    return resources.kubernetes_versions()


@cache
def schemas(version: str) -> Schemas:
    """Of a version of Kubernetes, with the custom resources. Raises KeyError for one that is not one of `versions`."""
    if version not in versions():
        raise KeyError(version)
    own = json.loads(resources.kubernetes_text(version))
    kinds, definitions, origins = own["kinds"], own["definitions"], {"": f"Kubernetes {version}"}
    for custom in map(json.loads, resources.custom_resource_texts()):
        kinds |= custom["kinds"]
        definitions |= custom["definitions"]
        origins |= dict.fromkeys(map(_group, custom["kinds"]), custom["origin"])
    return Schemas(kinds, definitions, compiled(definitions, kinds), origins)


def misfits(value: Mapping[str, Any], known: Schemas) -> Sequence[Misfit]:
    """What is wrong with an object; nothing for a kind that is not known in any version."""
    kind, written = str(value.get("kind")), str(value.get("apiVersion"))
    if judge := known.judges.get(f"{written} {kind}"):
        return judge(value)
    others = sorted(one.partition(" ")[0] for one in known.kinds if one.endswith(f" {kind}"))
    if not any(_group(one) == _group(written) for one in others):
        return ()
    hint = f"Write `apiVersion: {others[-1]}`; fields may have other names there."
    return (Misfit(("apiVersion",), f"there is no {kind} of {written!r}, only of {listed(others)}", hint),)


def _group(written: str) -> str:
    """`apps` of `apps/v1`, or of `apps/v1 Deployment`."""
    return written.rpartition("/")[0]
