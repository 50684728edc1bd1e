"""Text that YAML readers disagree about stands in quotes.

There are two versions of YAML in use. Without quotes `no` is the word or false, `1_000` is text or a number, `012` is
12 or 10, `12:30` is text or 750, and `2026-11-20` is text or a date: your editor shows one and the cluster gets the
other. The rule holds for the files of this tool; Kubernetes manifests are read as Kubernetes reads them.

Bad:

    # exceptions.yaml
    expiry: 2027-01-31

Good:

    expiry: "2027-01-31"

Fix: put the value into double quotes; the hint of the finding shows it. If true or false is meant, write `true` or
`false`.
"""

from onboarding_tool.checks.rule import NOTHING, Scope, found_by_load

RULE = "yaml-ambiguous-scalar"
SCOPE = Scope.API
NEEDS = NOTHING

check = found_by_load
