"""An object of each custom resource that we judge, with most of what a platform team writes into one."""

from typing import Any

import yaml

APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: payments-prod
  namespace: argocd
  finalizers: [resources-finalizer.argocd.argoproj.io]
spec:
  project: customer-a-prod
  source:
    repoURL: https://git.example/acme/onboarding-config.git
    targetRevision: refs/heads/main
    path: generated/prod/apps/payments
    kustomize:
      namePrefix: eu-
      replicas: [{name: payments, count: 3}]
  destination: {name: gke-prod, namespace: payments}
  ignoreDifferences:
    - {group: apps, kind: Deployment, jsonPointers: [/spec/replicas]}
  info: [{name: url, value: https://wiki.example}]
  syncPolicy:
    automated: {prune: true, selfHeal: true, allowEmpty: false}
    syncOptions: [ServerSideApply=true]
    retry: {limit: 5, refresh: true, backoff: {duration: 5s, factor: 2, maxDuration: 3m}}
  revisionHistoryLimit: 5
"""

APPLICATION_SET = """\
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: previews, namespace: argocd}
spec:
  goTemplate: true
  goTemplateOptions: [missingkey=error]
  generators:
    - matrix:
        generators:
          - git:
              repoURL: https://git.example/acme/config.git
              revision: main
              directories: [{path: apps/*, exclude: false}]
          - list:
              elements: [{env: prod, size: 3}, any]
  strategy:
    type: RollingSync
    rollingSync:
      steps:
        - matchExpressions: [{key: env, operator: In, values: [staging]}]
          maxUpdate: 20%
        - maxUpdate: 1
  template:
    metadata: {name: "{{.path.basename}}", labels: {team: a}}
    spec:
      project: default
      source: {repoURL: https://git.example/acme/config.git, path: "{{.path.path}}", helm: {valuesObject: {a: {b: 1}}}}
      destination: {server: https://kubernetes.default.svc, namespace: previews}
"""

APP_PROJECT = """\
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: {name: customer-a-prod, namespace: argocd}
spec:
  description: The APIs of customer-a in prod
  sourceRepos: [https://git.example/acme/onboarding-config.git]
  destinations: [{name: gke-prod, namespace: payments}]
  clusterResourceWhitelist: []
  namespaceResourceWhitelist: [{group: apps, kind: Deployment}]
  orphanedResources: {warn: true, ignore: [{group: "", kind: ConfigMap, name: kube-root-ca.crt}]}
  roles: [{name: read, policies: ["p, proj:a:read, applications, get, a/*, allow"], groups: [acme]}]
  syncWindows: [{kind: deny, schedule: 0 22 * * *, duration: 1h, applications: ["*"], manualSync: true}]
"""

GATEWAY_CLASS = """\
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: edge}
spec:
  controllerName: acme.example/gateway-controller
  description: the shared entry
  parametersRef: {group: acme.example, kind: Parameters, name: edge}
"""

GATEWAY = """\
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: edge}
spec:
  gatewayClassName: edge
  addresses:
    - {type: IPAddress, value: 10.0.0.1}
    - {type: IPAddress, value: "2001:db8::1"}
    - {type: Hostname, value: edge.example.com}
  infrastructure: {labels: {team: platform}, annotations: {acme.example/note: "yes"}}
  listeners:
    - name: https
      hostname: "*.platform.example"
      port: 443
      protocol: HTTPS
      tls: {mode: Terminate, certificateRefs: [{name: platform-tls}], options: {acme.example/tls: "1.3"}}
      allowedRoutes:
        namespaces: {from: Selector, selector: {matchLabels: {routes: "yes"}}}
        kinds: [{kind: HTTPRoute}]
"""

HTTP_ROUTE = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: payments-path
spec:
  parentRefs:
    - {name: edge, namespace: edge, sectionName: https}
  hostnames:
    - api.platform.example
  rules:
    - matches:
        - path: {type: PathPrefix, value: /customer-a/payments}
          method: GET
          headers: [{name: X-Tenant, value: a}, {name: X-Stage, type: RegularExpression, value: "b.*"}]
      filters:
        - type: URLRewrite
          urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /}}
        - type: CORS
          cors: {allowOrigins: ["https://*.acme.example"], allowMethods: [GET, POST], maxAge: 5}
        - type: RequestRedirect
          requestRedirect: {scheme: https, statusCode: 301}
      backendRefs:
        - {name: payments, port: 8080, weight: 1}
      timeouts: {request: 10s, backendRequest: 1h30m}
"""

GRPC_ROUTE = """\
apiVersion: gateway.networking.k8s.io/v1
kind: GRPCRoute
metadata: {name: ledger}
spec:
  parentRefs: [{name: edge, port: 443}]
  hostnames: ["*.grpc.platform.example"]
  rules:
    - name: one
      matches: [{method: {service: acme.Ledger, method: Book}, headers: [{name: x-tenant, value: a}]}]
      filters: [{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: x-a, value: b}], remove: [x-c]}}]
      backendRefs: [{name: ledger, port: 9000}]
"""

REFERENCE_GRANT = """\
apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata: {name: routes, namespace: payments}
spec:
  from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: edge}]
  to: [{group: "", kind: Service, name: payments}]
"""

TEXTS = (
    APPLICATION,
    APPLICATION_SET,
    APP_PROJECT,
    GATEWAY_CLASS,
    GATEWAY,
    HTTP_ROUTE,
    GRPC_ROUTE,
    REFERENCE_GRANT,
)


def objects() -> dict[str, dict[str, Any]]:
    """A good object of each kind, by its kind."""
    return {value["kind"]: value for value in map(yaml.safe_load, TEXTS)}
