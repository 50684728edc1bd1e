"""Every YAML file can be read, completely and by everyone alike.

A file that one reader refuses or cuts short is a file whose content nobody has reviewed. So a file is UTF-8 without
invisible characters, has no tabs as indentation and no unbalanced brackets, is neither huge nor nested without end,
and holds one document (Kubernetes manifests may hold several).

Bad:

    # apps/payments/requests/prod/2026-11-20-v2-0-0-3f9c.yaml
    kind: ReleaseRequest
    reason: CHG-1234: new settlement rules

Good:

    kind: ReleaseRequest
    reason: "CHG-1234: new settlement rules"

Fix: go to the line and column that the finding names; an editor with YAML support underlines the place. Text that
holds `: ` or ` #` goes into double quotes. A second document goes into a file of its own.
"""

from onboarding_tool.checks.rule import NOTHING, Scope, found_by_load

RULE = "yaml-invalid"
SCOPE = Scope.API
NEEDS = NOTHING

check = found_by_load
