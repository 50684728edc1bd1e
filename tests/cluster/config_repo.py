"""A config repo that Argo CD delivers, made as the README tells: init, teams, APIs, generate, push, apply the root."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.cluster.argocd import NAMESPACE, ArgoCD
from tests.cluster.client import Cluster, Object
from tests.cluster.remote import Remote
from tests.support.cli import Done
from tests.support.git import git

REGISTRY = "europe-docker.pkg.dev/acme"
ENVIRONMENT = "staging"
TENANT, TEAM = "customer-a", "payments-team"
Onboard = Callable[..., Done]


@dataclass(frozen=True, slots=True)
class ConfigRepo:
    """What is committed and pushed is delivered."""

    folder: Path
    remote: Remote
    run: Onboard

    def onboard(self, *words: str | Path) -> Done:
        """A command that must succeed."""
        done = self.run(*words, at=self.folder)
        assert done.code == 0, done.text
        return done

    def add(
        self, name: str, namespace: str, tag: str = "v1.0.0", tenant: str = TENANT, environment: str = ENVIRONMENT
    ) -> None:
        """Scaffold an API; commit nothing."""
        self.onboard(
            *("api", "add", name, "--tenant", tenant, "--team", TEAM, "--port", "8080"),
            *("--image", f"{image(name)}:{tag}", "--namespace", f"{environment}={namespace}"),
        )

    def bring_in(self, name: str, export: Path, namespace: str, *options: str) -> None:
        """Import an API from exported manifests; commit nothing."""
        self.onboard(
            *("api", "import", name, "--from", export, "--tenant", TENANT, "--team", TEAM, "--allow-registries"),
            *("--namespace", f"{ENVIRONMENT}={namespace}", *options),
        )

    def push(self, message: str) -> str:
        """Generate, commit everything and push; returns the commit."""
        self.onboard("generate")
        git(self.folder, "add", "-A")
        git(self.folder, "commit", "-q", "--allow-empty", "-m", message)
        git(self.folder, "push", "-q", "origin", "main")
        return self.head()

    def release(self, api: str, tag: str, *options: str) -> str:
        """Request, apply and push, as an app team and the bot do; returns the bot's commit."""
        self.onboard("request", api, ENVIRONMENT, f"{image(api)}:{tag}", *options)
        git(self.folder, "add", "-A")
        git(self.folder, "commit", "-qm", f"Request {api} {tag}")
        self.onboard("release", "apply")
        git(self.folder, "push", "-q", "origin", "main")
        return self.head()

    def head(self) -> str:
        return git(self.folder, "rev-parse", "HEAD").strip()

    def edit(self, path: str, old: str, new: str) -> None:
        file = self.folder / path
        text = file.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {path}"
        file.write_text(text.replace(old, new), encoding="utf-8")


def image(api: str) -> str:
    return f"{REGISTRY}/{api}/app"


def make(
    folder: Path, remote: Remote, run: Onboard, cluster: Cluster, environments: tuple[str, ...] = (ENVIRONMENT,)
) -> ConfigRepo:
    """Without an API. All environments are that cluster."""
    words = [word for name in environments for word in ("--env", name)]
    done = run("init", folder, "--repository", remote.url, *words, "--registry", REGISTRY)
    assert done.code == 0, done.text
    repo = ConfigRepo(folder, remote, run)
    for name in environments:
        repo.edit("platform.yaml", f"  {name}: {{context: {name}}}\n", "")
        repo.edit("platform.yaml", f"cluster: {name}\n", f"cluster: {cluster.name}\n")
    repo.edit("platform.yaml", "clusters:\n", f"clusters:\n  {cluster.name}: {{context: {cluster.name}}}\n")
    git(folder, "remote", "add", "origin", str(remote.bare))
    repo.onboard("team", "add", TEAM, "--tenant", TENANT)
    return repo


def deliver(repo: ConfigRepo, argocd: ArgoCD, cluster: Cluster, environment: str = ENVIRONMENT) -> None:
    """What the platform team does once by hand: make the cluster known to Argo CD, and apply the root."""
    argocd.register(cluster)
    text = (repo.folder / f"generated/root/{environment}.yaml").read_text(encoding="utf-8")
    argocd.cluster.apply(text, namespace=NAMESPACE)


def look_twice(repo: ConfigRepo, argocd: ArgoCD) -> dict[str, Object]:
    """The repo's Applications by their names, after Argo CD has looked at git and at the cluster twice more."""
    argocd.settle(lambda: applications(repo, argocd))
    return applications(repo, argocd)


def applications(repo: ConfigRepo, argocd: ArgoCD) -> dict[str, Object]:
    """Those of other repos may be there still, until Argo CD lets go of them."""
    found = argocd.cluster.objects("Application", NAMESPACE)
    return {item["metadata"]["name"]: item for item in found if item["spec"]["source"]["repoURL"] == repo.remote.url}
