"""A release request says what shall run, never how.

It names one container and one image. The number of pods, CPU and memory, environment variables, the start command and
the rollout strategy are the platform's: set by a release they would break the autoscaling, take capacity that was not
planned, or change how an API behaves without anybody being able to see it later.

Bad:

    # apps/payments/requests/prod/2026-11-20-v2-0-0-3f9c.yaml
    container: app
    target_image: europe-docker.pkg.dev/acme/payments/app:v2.0.0
    replicas: 5

Good:

    container: app
    target_image: europe-docker.pkg.dev/acme/payments/app:v2.0.0

Fix: delete the field; the finding says why this one is the platform's. If you need the change, ask the platform team:
it is made in the API's base or overlay, by a pull request of its own.
"""

from onboarding_tool.checks.rule import NOTHING, Scope, found_by_load

RULE = "request-field-forbidden"
SCOPE = Scope.API
NEEDS = NOTHING

check = found_by_load
