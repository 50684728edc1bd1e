"""A release changes the image of its slot and nothing else that Kubernetes would receive.

What a request asks for is applied to the merged result and rendered, on both sides; the difference is compared with
what was asked for, object by object and field by field.

Bad:

    # apps/payments/overlays/prod/kustomization.yaml
    patches:
      - target: {kind: Deployment, labelSelector: "version=v1"}   # which no longer matches
        path: memory.yaml

Good:

    payments prod: image app v1.9.3 -> v2.0.0, and nothing else

Fix: the message says what else would change. Ask the platform team to mend the overlay first.
"""

RULE = "request-effects-elsewhere"
