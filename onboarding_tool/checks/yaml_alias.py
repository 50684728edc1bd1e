"""No YAML file holds an anchor (`&name`), an alias (`*name`) or the merge key (`<<`).

With them a line means something that stands elsewhere, so a reviewer of the line does not see what it does; and a few
lines of nested aliases unfold to gigabytes.

Bad:

    # apps/payments/metadata.yaml
    environments:
      staging: &place {namespace: payments}
      prod: *place

Good:

    environments:
      staging: {namespace: payments-staging}
      prod: {namespace: payments}

Fix: write the value out wherever it is used. If a value is text that begins with `&` or `*`, put it into double
quotes.
"""

from onboarding_tool.checks.rule import NOTHING, Scope, found_by_load

RULE = "yaml-alias"
SCOPE = Scope.API
NEEDS = NOTHING

check = found_by_load
