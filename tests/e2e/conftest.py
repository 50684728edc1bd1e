"""A real Kubernetes, a real Argo CD and a git repository for each test. How to use them: CONTRIBUTING.md."""

import os
import re
import secrets
import shutil
import signal
import subprocess
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cluster import argocd as argo
from tests.cluster import conditions, controlplane
from tests.cluster.argocd import ArgoCD
from tests.cluster.client import Cluster
from tests.cluster.remote import Remote, create
from tests.cluster.tools import MissingToolError, Tools, ensure
from tests.conftest import GIT
from tests.support.cli import ONBOARD, Done

# The clusters of the config repo in tests/support/repos.py; their names are also their kubeconfig contexts.
FIRST, SECOND = "gke-staging", "gke-prod"
FOLDER = pytest.StashKey[Path]()
READ = pytest.StashKey[dict[Path, int]]()  # how much of each log earlier tests wrote
# Of klog, of zap and slog, of logrus.
COMPLAINT = re.compile(r'^[WEF]\d{4} |"level":"(warn|error|fatal)|level=(warn|error|fatal)|^panic', re.IGNORECASE)
COMPLAINTS = 4


@pytest.fixture(scope="session", autouse=True)
def _sigterm_is_ctrl_c() -> Iterator[None]:
    """Else a SIGTERM ends pytest without the fixtures' ends."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture(scope="session", autouse=True)
def _git_for_all() -> Iterator[None]:
    """As each test has it, for config repos that the tests of a module share."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in GIT.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="session")
def tools(request: pytest.FixtureRequest) -> Iterator[Tools]:
    """The programs, built if need be; a skip where they cannot be. What tests run finds our kubectl first."""
    capture = request.config.pluginmanager.getplugin("capturemanager")

    def say(text: str) -> None:
        with capture.global_and_fixture_disabled():
            print(f"\n{text}", flush=True)

    try:
        found = ensure(say)
    except MissingToolError as error:
        pytest.skip(str(error))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(found.kubectl.parent), prepend=os.pathsep)
        yield found


@pytest.fixture(scope="session")
def _folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """What the clusters leave behind, their logs, stays when a test failed or the run was cut short."""
    folder = tmp_path_factory.mktemp("clusters")
    request.config.stash[FOLDER] = folder
    yield folder
    session = request.session
    if not session.testsfailed and session.exitstatus == pytest.ExitCode.OK:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def cluster(tools: Tools, _folder: Path) -> Iterator[Cluster]:
    with controlplane.running(tools, _folder / FIRST, FIRST) as running:
        yield running


@pytest.fixture(scope="session")
def _second_cluster(tools: Tools, _folder: Path) -> Iterator[Cluster]:
    with controlplane.running(tools, _folder / SECOND, SECOND) as running:
        yield running


@pytest.fixture(scope="session")
def _argocd(tools: Tools, cluster: Cluster, _folder: Path) -> Iterator[ArgoCD]:
    with argo.running(tools, cluster, _folder / "argocd") as running:
        yield running


@contextmanager
def _namespace(cluster: Cluster, name: str) -> Iterator[None]:
    before = {item["metadata"]["name"] for item in cluster.objects("Namespace")}
    cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    # Pods are refused before it is there.
    cluster.wait_until(conditions.there, "ServiceAccount", "default", name)
    yield
    # Not awaited: that takes 5 s or more.
    for item in cluster.objects("Namespace"):
        if item["metadata"]["name"] not in before:
            cluster.delete("Namespace", item["metadata"]["name"])


@pytest.fixture
def namespace(cluster: Cluster, request: pytest.FixtureRequest) -> Iterator[str]:
    """A new namespace. All that came during the test are deleted."""
    words = re.sub(r"[^a-z0-9]+", "-", request.node.name.removeprefix("test_").lower())
    name = f"{words[:50].strip('-')}-{secrets.token_hex(3)}"
    with _namespace(cluster, name):
        yield name


@pytest.fixture
def second_cluster(_second_cluster: Cluster, namespace: str) -> Iterator[Cluster]:
    """A cluster of its own, with a namespace of the same name; Argo CD does not know it yet: `argocd.register`."""
    with _namespace(_second_cluster, namespace):
        yield _second_cluster


@pytest.fixture
def argocd(_argocd: ArgoCD, namespace: str) -> Iterator[ArgoCD]:
    """Argo CD on `cluster`, without any Application."""
    # Before, too: a sync that was under way may have made an Application since the last test's end.
    _argocd.reset()
    yield _argocd
    _argocd.reset()


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    """An empty git repository."""
    return create(tmp_path / "git")


@pytest.fixture
def kubeconfig(cluster: Cluster, request: pytest.FixtureRequest) -> str:
    """KUBECONFIG of somebody with all rights, with a context for each cluster that the test asks for."""
    others = [request.getfixturevalue("second_cluster")] if "second_cluster" in request.fixturenames else []
    return os.pathsep.join(str(known.kubeconfig) for known in (cluster, *others))


@pytest.fixture
def onboard(kubeconfig: str) -> Callable[..., Done]:
    """Runs the command as its user does: a process of its own, in the folder `at`, with `kubeconfig`.

    Further words by name are environment variables: `onboard("check", at=folder, KUBECONFIG=str(other))`.
    """

    def run(*words: str | Path, at: Path | None = None, **environment: str) -> Done:
        command = [ONBOARD, *map(str, words)]
        settings = {**os.environ, "KUBECONFIG": kubeconfig, **environment}
        done = subprocess.run(command, cwd=at, env=settings, capture_output=True, text=True, check=False)
        return Done(done.returncode, done.stdout, done.stderr)

    return run


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    folder = item.config.stash.get(FOLDER, None)
    if not folder:
        return report
    read = item.config.stash.setdefault(READ, {})
    if report.failed:
        title = f"complaints in the programs' logs during this test; all of them below {folder}"
        report.sections.append((title, _complaints(folder, read)))
    if report.when == "teardown":
        read.update({path: path.stat().st_size for path in _logs(folder)})
    return report


def _complaints(folder: Path, read: Mapping[Path, int]) -> str:
    """The last warnings and errors of each program behind what was read of its log."""
    found = []
    for path in _logs(folder):
        lines = path.read_bytes()[read.get(path, 0) :].decode("utf-8", "replace").splitlines()
        complaints = [line[:1000] for line in lines if COMPLAINT.search(line)]
        found += [f"{path.relative_to(folder)}: {line}" for line in complaints[-COMPLAINTS:]]
    return "\n".join(found)


def _logs(folder: Path) -> list[Path]:
    return sorted(folder.rglob("logs/*.log"))
