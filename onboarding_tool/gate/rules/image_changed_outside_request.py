"""What runs changes by release requests only.

A request is recorded with who asked, who approved and what ran before; an image that changes otherwise leaves no
record, and the next release would begin from a state that no record knows. This holds on every capability level.

Bad:

    # apps/payments/overlays/prod/kustomization.yaml, in a pull request of payments-team
    -    newTag: v1.9.3
    +    newTag: v2.0.0

Good:

    A apps/payments/requests/prod/2026-11-20-v2-0-0-3f9c.yaml

Fix: `onboard request API ENV IMAGE` writes the request; open a pull request with that file alone.
"""

from onboarding_tool.findings import Finding, Who

RULE = "image-changed-outside-request"


def finding(path: str, api: str, environment: str, container: str, image: str) -> Finding:
    message = f"the image of {container} in {environment} would change to {image}, and no request asks for it"
    hint = f"Take it out, and ask: `onboard request {api} {environment} IMAGE`."
    return Finding(path, 1, 1, RULE, message, hint, who=Who.APP_TEAM)
