"""platform.yaml and teams.yaml are there, and every directory below apps/ has its metadata.yaml.

By platform.yaml and teams.yaml everything else is judged. A directory below apps/ without a metadata.yaml is
nobody's: no team, no tenant and no environment is known for it.

Bad:

    apps/payments/base/deployment.yaml
    apps/payments/overlays/prod/kustomization.yaml

Good:

    apps/payments/metadata.yaml
    apps/payments/base/deployment.yaml
    apps/payments/overlays/prod/kustomization.yaml

Fix: restore a lost file with `git checkout -- FILE`. A new API is declared by `onboard api add NAME` or
`onboard api import NAME`, never by making the directory by hand. A new config repo is made by `onboard init DIR`.
"""

from onboarding_tool.checks.rule import NOTHING, Scope, found_by_load

RULE = "file-missing"
SCOPE = Scope.API
NEEDS = NOTHING

check = found_by_load
