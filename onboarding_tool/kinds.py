"""The kinds of Kubernetes objects that an API may consist of, as (group, kind). "" is the core group."""

# What base/ and overlays/ may hold: namespaced, and running nothing that metadata.yaml does not declare.
TENANT_KINDS: tuple[tuple[str, str], ...] = (
    ("", "ConfigMap"),
    ("", "PersistentVolumeClaim"),
    ("", "Service"),
    ("", "ServiceAccount"),
    ("apps", "Deployment"),
    ("autoscaling", "HorizontalPodAutoscaler"),
    ("cloud.google.com", "BackendConfig"),
    ("external-secrets.io", "ExternalSecret"),
    ("monitoring.coreos.com", "PodMonitor"),
    ("monitoring.coreos.com", "ServiceMonitor"),
    ("networking.gke.io", "FrontendConfig"),
    ("networking.gke.io", "ManagedCertificate"),
    ("networking.k8s.io", "Ingress"),
    ("policy", "PodDisruptionBudget"),
)

# What controllers make out of them. Argo CD shows only what the AppProject permits: without these the pods vanish from
# the resource tree, and `status.summary.images` stays empty.
DERIVED_KINDS: tuple[tuple[str, str], ...] = (
    ("", "Endpoints"),
    ("", "Pod"),
    ("apps", "ReplicaSet"),
    ("discovery.k8s.io", "EndpointSlice"),
)

# What an AppProject permits. The rule `kind-forbidden` keeps the derived kinds out of what is written.
PROJECT_KINDS: tuple[tuple[str, str], ...] = tuple(sorted({*TENANT_KINDS, *DERIVED_KINDS}))
