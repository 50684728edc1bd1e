"""Plain overlays, many of them: for what a renderer does with a fleet, not for what kustomize does with an overlay."""

HEADER = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec: {{containers: [{{name: app, image: "registry.example/{name}"}}]}}
"""
OVERLAY = """\
namespace: {name}-prod
resources: [../../base]
images: [{{name: registry.example/{name}, newTag: v{number}}}]
components: [../../../../components/sidecar]
configMapGenerator: [{{name: settings, literals: [number={number}]}}]
"""
COMPONENT = """\
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
patches:
  - target: {kind: Deployment}
    patch: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: any}
      spec: {template: {spec: {containers: [{name: sidecar, image: registry.example/sidecar:1}]}}}
"""


def overlays(count: int) -> dict[str, str]:
    """Files of `count` overlays, each apps/<n>/overlays/prod over a base of its own, with a component for all."""
    files = {"components/sidecar/kustomization.yaml": COMPONENT}
    for number in range(count):
        name, folder = f"api-{number}", f"apps/{number}"
        files[f"{folder}/base/kustomization.yaml"] = HEADER + "resources: [deployment.yaml]\n"
        files[f"{folder}/base/deployment.yaml"] = DEPLOYMENT.format(name=name)
        files[f"{folder}/overlays/prod/kustomization.yaml"] = HEADER + OVERLAY.format(name=name, number=number)
    return files
