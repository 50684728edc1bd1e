"""Each entry of an overlay's `images:` changes the image that it names, and no other.

kustomize takes the name of an entry for a pattern, lets the last of two entries of one name win, hands the result
of one entry to the next, and adds a `tagSuffix` twice. Such an entry does something else than its reader thinks,
and a release would change the wrong container.

Bad:

    # apps/payments/overlays/prod/kustomization.yaml
    images:
      - name: europe-docker.pkg.dev/acme/payments/.*
        newTag: 1.10
      - name: app
        newName: europe-docker.pkg.dev/acme/payments/app
      - name: europe-docker.pkg.dev/acme/payments/app
        newTag: v2

Good:

    images:
      - name: europe-docker.pkg.dev/acme/payments/app
        newTag: "1.10"

Fix: write one entry for each image, with the repository exactly as the manifest writes it, and quote tags that look
like numbers. An entry that matches no container is a warning: delete it, or correct its name.
"""

from collections.abc import Iterator

from onboarding_tool import image_entries, slots
from onboarding_tool.checks.facts.written import living
from onboarding_tool.checks.rule import NOTHING, Scope
from onboarding_tool.findings import Finding, Severity
from onboarding_tool.model import Api, Repo
from onboarding_tool.wording import did_you_mean

RULE = "images-entry-unsafe"
SCOPE = Scope.API
NEEDS = NOTHING


def check(repo: Repo) -> Iterator[Finding]:
    for api in living(repo):
        for environment in api.overlays:
            yield from _of_overlay(repo, api, environment)


def _of_overlay(repo: Repo, api: Api, environment: str) -> Iterator[Finding]:
    path, entries = api.overlays[environment].path, slots.entries(api.overlays[environment])
    running = slots.running(api, environment)
    told = set()
    for index, reason, way_out in image_entries.unsafe(entries, [str(one.written) for one in running]):
        told.add(index)
        yield repo.finding(RULE, path, f"{api.name}: {reason}", way_out, at=("images", index))
    if not slots.complete(api, environment):
        return  # its container may stand in the file that cannot be read
    written = {one.written.name for one in running}
    for index, entry in enumerate(entries):
        if index not in told and entry["name"] not in written:
            message = f"{api.name}: no container of {environment} has the image {entry['name']!r}, so this does nothing"
            hint = did_you_mean(entry["name"], written, "Write the name as the manifest has it, or delete the entry.")
            at = ("images", index)
            yield repo.finding(RULE, path, message, hint, at=at, severity=Severity.WARNING)
