"""A request asks for what can be done: the pipeline would apply it on the merged result.

What the request says fits its schema and the declarations; what is left are the state of things, such as the image that
is declared by now, and an overlay that no tool can edit safely.

Bad:

    target_image: europe-docker.pkg.dev/acme/payments/app:v2.0.0
    expected_current: europe-docker.pkg.dev/acme/payments/app:v1.9.3   # and v1.9.4 is declared

Good:

    target_image: europe-docker.pkg.dev/acme/payments/app:v2.0.0
    expected_current: europe-docker.pkg.dev/acme/payments/app:v1.9.4

Fix: ask again from what is declared now: `onboard request API ENV IMAGE` fills it in.
"""

RULE = "request-not-applicable"
