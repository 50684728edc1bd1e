"""A team's own change asks for no more than the quota of its namespace.

A Deployment whose pods do not fit into the quota is accepted by Kubernetes, and then some of its pods never start. What
counts is what an autoscaler may make of it at most, and what else lives in the namespace.

Bad:

    # quota: {requests.cpu: "4"} in platform.yaml
    maxReplicas: 20            # of pods that ask for 500m each

Good:

    maxReplicas: 8

Fix: ask for less, or ask the platform team for a larger quota.
"""

RULE = "quota-exceeded"
