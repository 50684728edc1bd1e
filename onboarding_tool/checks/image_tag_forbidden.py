"""No image runs under a tag that moves.

`latest`, `main` and the like name another image tomorrow: the same commit then runs another program, a rollback
brings nothing back, and the records say nothing. platform.yaml lists the tags that are refused. A digest beside
such a tag does not help whoever reads the tag.

Bad:

    images:
      - name: europe-docker.pkg.dev/acme/payments/app
        newTag: latest

Good:

    images:
      - name: europe-docker.pkg.dev/acme/payments/app
        newTag: v1.9.3

Fix: tag the image with its version in the pipeline that builds it, and use that tag.
"""

from collections.abc import Iterator

from onboarding_tool.checks.facts.effective import VERSION, fault, named, running
from onboarding_tool.checks.facts.written import Fault, faults
from onboarding_tool.checks.rule import POLICY, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Api, Repo
from onboarding_tool.wording import listed

RULE = "image-tag-forbidden"
SCOPE = Scope.API
NEEDS = POLICY


def check(repo: Repo) -> Iterator[Finding]:
    yield from faults(repo, RULE, lambda api, environment: _forbidden(repo, api, environment))


def _forbidden(repo: Repo, api: Api, environment: str) -> Iterator[Fault]:
    for one in running(api, environment):
        if one.image.tag in repo.platform.forbidden_tags:
            problem = f"the {named(one)} runs under the tag {one.image.tag!r}, which moves"
            hint = f"Use the tag of one version. platform.yaml refuses {listed(repo.platform.forbidden_tags)}."
            yield fault(api, environment, one, VERSION[:1], problem, hint)
