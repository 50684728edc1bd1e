"""Every file has the fields, the types and the values that its kind asks for, and no others.

Each kind of file (platform.yaml, teams.yaml, metadata.yaml, release requests, ...) has a published schema below
.onboard/schemas/. A misspelt field would be ignored silently, and what its author wanted would not happen.

Bad:

    # apps/payments/metadata.yaml
    api_name: payments
    tennant: customer-a
    lifecycle: live

Good:

    api_name: payments
    tenant: customer-a
    lifecycle: active

Fix: the finding says what is allowed at that place. The first line of a file,
`# yaml-language-server: $schema=...`, makes an editor complete the fields and mark mistakes while you type. A release
request need not be typed at all: `onboard request API ENV IMAGE` writes it.
"""

from onboarding_tool.checks.rule import NOTHING, Scope, found_by_load

RULE = "schema-invalid"
SCOPE = Scope.API
NEEDS = NOTHING

check = found_by_load
