"""generated/<env>/apps/<api>/: the tenant's overlay and the platform's additions, which never share a file."""

from onboarding_tool.generators import routes
from onboarding_tool.generators.layout import Tenants, Texts, app_folder, header, is_delivered, scalar
from onboarding_tool.model import PLATFORM_FILE, Api, Environment, Platform

UP = "../../../.."  # from generated/<env>/apps/<api> to the repository's root


def files(platform: Platform, environment: Environment, tenants: Tenants) -> Texts:
    """The kustomization of each API that Argo CD delivers, and the routes beside it."""
    additions = _components(platform)
    for apis in tenants.values():
        for api in filter(is_delivered, apis):
            folder = app_folder(environment.name, api.name)
            beside = routes.text(environment, api)
            yield f"{folder}/kustomization.yaml", _kustomization(platform, environment, api, bool(beside), additions)
            if beside:
                yield f"{folder}/routes.yaml", header(PLATFORM_FILE, api.path) + beside


def _kustomization(platform: Platform, environment: Environment, api: Api, has_routes: bool, additions: str) -> str:
    """The ownership label without selectors and templates: neither changes, so no pod restarts."""
    return f"""\
{header(PLATFORM_FILE, api.path)}apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: {scalar(api.environments[environment.name].namespace)}
resources:
  - {scalar(f"{UP}/{api.overlay_folder(environment.name)}")}
{"  - routes.yaml" + chr(10) if has_routes else ""}{additions}labels:
  - pairs:
      {scalar(platform.ownership_label)}: {scalar(api.name)}
"""


def _components(platform: Platform) -> str:
    lines = [f"  - {UP}/components/{name}\n" for name in platform.components]
    return "".join(("components:\n", *lines)) if lines else ""
