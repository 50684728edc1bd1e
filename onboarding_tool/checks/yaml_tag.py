"""No YAML file holds an explicit tag (`!something`) or a directive (`%YAML`).

A tag changes what a value means, and each reader follows other tags: one makes an object, one makes text, one fails.
Nothing in a config repo needs one.

Bad:

    # apps/payments/requests/prod/2026-11-20-v2-0-0-3f9c.yaml
    reason: !!str 1234

Good:

    reason: "1234"

Fix: delete the tag. A number or a word such as `yes` that shall be text goes into double quotes. If the value itself
begins with an exclamation mark, put it into double quotes.
"""

from onboarding_tool.checks.rule import NOTHING, Scope, found_by_load

RULE = "yaml-tag"
SCOPE = Scope.API
NEEDS = NOTHING

check = found_by_load
