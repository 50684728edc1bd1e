"""To go back to an image that a release replaced is a rollback, and says so.

Going back takes whatever has happened to data and callers since along; whoever approves shall see that this is no
ordinary release, and the record shall say which release it took back.

Bad:

    target_image: europe-docker.pkg.dev/acme/payments/app:v1.9.3   # which the release 9f2c51d0a7b3e846 replaced

Good:

    target_image: europe-docker.pkg.dev/acme/payments/app:v1.9.3
    rollback_of: 9f2c51d0a7b3e846

Fix: add `rollback_of`, or let `onboard request API ENV IMAGE --rollback-of ID` write it.
"""

RULE = "request-rollback-undeclared"
