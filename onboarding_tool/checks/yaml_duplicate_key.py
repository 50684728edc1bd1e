"""No key stands twice in one mapping.

Most tools keep the last of two equal keys and drop the first without a word, others keep the first: a reviewer reads
one value, and the cluster gets the other.

Bad:

    # apps/payments/base/deployment.yaml
    metadata:
      name: payments
      labels: {app: payments}
      labels: {tier: backend}

Good:

    metadata:
      name: payments
      labels: {app: payments, tier: backend}

Fix: the finding names both lines. Merge the two, or delete the one that is not meant.
"""

from onboarding_tool.checks.rule import NOTHING, Scope, found_by_load

RULE = "yaml-duplicate-key"
SCOPE = Scope.API
NEEDS = NOTHING

check = found_by_load
