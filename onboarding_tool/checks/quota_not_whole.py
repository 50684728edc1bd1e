"""What a quota counts, it counts in whole numbers.

Kubernetes refuses a ResourceQuota of one and a half pods, and the namespace then has no quota at all. Counted are
objects such as `pods` and `services`, and all names with a slash but those that begin with `requests.`. An amount may
have a suffix: 1.5k pods are 1500.

Bad:

    # platform.yaml
    quota: {requests.cpu: 1500m, pods: "1.5"}

Good:

    quota: {requests.cpu: 1500m, pods: "2"}

Fix: write a whole number. Of storage in a storage class it is one of bytes: 1331Gi and not 1.3Ti.
"""

from collections.abc import Iterator

from onboarding_tool.checks.rule import POLICY, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import PLATFORM_FILE, Repo
from onboarding_tool.quantities import quantity

RULE = "quota-not-whole"
SCOPE = Scope.EVERYTHING
NEEDS = POLICY

COUNTED = frozenset(
    {
        "configmaps",
        "persistentvolumeclaims",
        "pods",
        "replicationcontrollers",
        "resourcequotas",
        "secrets",
        "services",
        "services.loadbalancers",
        "services.nodeports",
    }
)


def check(repo: Repo) -> Iterator[Finding]:
    for name, amount in repo.platform.quota.items():
        if _is_counted(name) and not _is_whole(amount):
            message = f"the quota of {name} is {amount}, which is no whole number"
            hint = 'Kubernetes counts it in whole numbers and refuses this quota. Write one, such as "2".'
            yield repo.finding(RULE, PLATFORM_FILE, message, hint, at=("quota", name))


def _is_counted(name: str) -> bool:
    if "/" not in name:
        return name in COUNTED
    return not name.startswith("requests.") and "kubernetes.io/" not in name


def _is_whole(amount: str) -> bool:
    return quantity(amount).denominator == 1
