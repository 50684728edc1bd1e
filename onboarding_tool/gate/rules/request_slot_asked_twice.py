"""A pull request asks once for a slot in an environment.

A slot is what one image entry moves; of two requests for it that come together neither is the later one, so nobody
could tell what is meant to run.

Bad:

    A apps/payments/requests/prod/2026-11-20-v2-0-0-3f9c.yaml
    A apps/payments/requests/prod/2026-11-20-v2-1-0-77aa.yaml   # both of the container `app`

Good:

    A apps/payments/requests/prod/2026-11-20-v2-1-0-77aa.yaml
    A apps/payments/requests/staging/2026-11-20-v2-1-0-77ab.yaml

Fix: keep the one that is meant.
"""

RULE = "request-slot-asked-twice"
