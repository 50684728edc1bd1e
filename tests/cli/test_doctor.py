"""`onboard doctor` on real git and without a cluster: what it says of a world that is not there, or pretends to be."""

import http.server
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from onboarding_tool.adapters.cluster import READ
from tests.support.cli import Done, onboard
from tests.support.git import commit, git, repository, status
from tests.support.kubeconfigs import kubeconfig
from tests.support.repos import edited, good, with_generated

CLUSTERS = ("gke-staging", "gke-prod")
# What every question is answered with by something that knows the kinds of Argo CD.
CLUSTER = b'{"major": "1", "minor": "36", "resources": [{"name": "applications"}, {"name": "appprojects"}]}'
HOSTILE = "a\x1b[2J\u202eb"


@pytest.fixture(autouse=True)
def _no_kubeconfig(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBECONFIG", raising=False)


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "--bare", "-b", "main", "remote.git")
    return tmp_path / "remote.git"


@pytest.fixture
def config(tmp_path: Path, bare: Path, renderer: Path) -> Path:
    """A config repo that is right, and pushed to where platform.yaml says."""
    files = edited("platform.yaml", "https://git.example/acme/onboarding-config.git", f"file://{bare}")
    root = repository(tmp_path / "config", with_generated(files))
    git(root, "remote", "add", "origin", f"file://{bare}")
    git(root, "push", "-q", "-u", "origin", "main")
    return root


def closed_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
    return port


@contextmanager
def answering(code: int, body: bytes = b"", **headers: str) -> Iterator[str]:
    """The address of a web server that says one thing, whatever it is asked."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.send_response(code)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = answer  # noqa: N815

        def log_message(self, *_: object) -> None: ...

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def doctor(config: Path, *words: str) -> dict[tuple[str, str], dict[str, str]]:
    """The results that are not ok, by name and subject."""
    done = onboard("doctor", "--format", "json", *words, at=config)
    assert done.err == ""
    found = json.loads(done.out)["results"]
    assert done.code == int(any(result["status"] == "problem" for result in found))
    return {(result["name"], result["subject"]): result for result in found if result["status"] != "ok"}


def problems(config: Path, *words: str) -> set[tuple[str, str]]:
    return {key for key, result in doctor(config, *words).items() if result["status"] == "problem"}


NO_KUBECONFIG = ("kubeconfig-unusable", "kubeconfig")


def of_git(config: Path) -> dict[str, dict[str, str]]:
    """What is not ok with git and the remote, by name."""
    subjects = ("git", "origin", "environment prod")
    found = doctor(config).items()
    return {name: result for (name, subject), result in found if subject in subjects and result["fix"] != ""}


# Without a cluster


def test_without_a_kubeconfig_git_is_judged_all_the_same(config):
    found = doctor(config)
    [problem] = [result for result in found.values() if result["status"] == "problem"]
    assert problem["name"] == "kubeconfig-unusable"
    assert problem["message"] == "there is no kubeconfig: ~/.kube/config is not there"
    assert "KUBECONFIG" in problem["fix"]
    assert {subject for _, subject in found} >= {"argocd", "cluster gke-prod", "environment prod"}
    assert not {subject for _, subject in found} & {"git", "origin", "tool"}
    assert {result["message"] for result in found.values()} == {problem["message"]}


def test_it_changes_nothing(config):
    before = git(config, "for-each-ref")
    onboard("doctor", at=config)
    assert git(config, "for-each-ref") == before
    assert status(config) == []


def test_text_has_the_problem_first_and_ends_with_the_sum(config):
    done = onboard("doctor", at=config)
    lines = done.out.splitlines()
    assert (done.code, done.err, lines[0]) == (1, "", "kubeconfig")
    assert lines[1].startswith("  problem  kubeconfig-unusable: there is no kubeconfig")
    assert lines[-1].startswith("1 problem, 0 warnings, ")
    assert "\x1b" not in done.out
    assert "\x1b[31mproblem" in onboard("--color", "always", "doctor", at=config).out


def test_clusters_that_do_not_answer_are_one_problem_each(config, tmp_path, monkeypatch):
    servers = {name: f"https://127.0.0.1:{closed_port()}" for name in CLUSTERS}
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig(tmp_path / "k", servers, "gke-staging")))
    found = doctor(config)
    broken = {key: result for key, result in found.items() if result["status"] == "problem"}
    assert set(broken) == {
        ("cluster-unreachable", subject) for subject in ("argocd", "cluster gke-staging", "cluster gke-prod")
    }
    prod = broken["cluster-unreachable", "cluster gke-prod"]
    assert prod["message"] == "the cluster gke-prod does not answer: Connection refused"
    assert "kubectl --context gke-prod get --raw /readyz" in prod["fix"]
    later = found["rights-missing", "environment prod"]
    assert (later["status"], later["message"], later["fix"]) == ("unknown", prod["message"], "")


@pytest.mark.parametrize(
    ("code", "body", "said"),
    [
        (200, b"<html>Sign in</html>", "is no Kubernetes API server"),
        (200, b"[]", "is no Kubernetes API server"),
        (200, b'{"major": 1}', "is no Kubernetes API server"),
        (302, b"", "says 302"),
        (500, b"\x1b[2Jnot now", "says 500"),
        (401, b'{"message": "Unauthorized"}', "does not know you: Unauthorized"),
    ],
)
def test_what_answers_is_no_cluster_that_lets_us_in(config, tmp_path, monkeypatch, code, body, said):
    with answering(code, body, Location="http://127.0.0.1:1/") as address:
        monkeypatch.setenv("KUBECONFIG", str(kubeconfig(tmp_path / "k", dict.fromkeys(CLUSTERS, address), "gke-prod")))
        found = doctor(config, "--env", "prod")
        text = onboard("doctor", at=config).text
    assert said in found["cluster-unreachable", "cluster gke-prod"]["message"]
    assert "\x1b" not in text
    assert "hunter2" not in text


def test_a_tls_server_whose_certificate_nobody_knows(config, tmp_path, monkeypatch):
    with answering(200) as address:
        servers = dict.fromkeys(CLUSTERS, address.replace("http:", "https:"))
        monkeypatch.setenv("KUBECONFIG", str(kubeconfig(tmp_path / "k", servers, "gke-prod")))
        assert "does not answer" in doctor(config)["cluster-unreachable", "argocd"]["message"]


def test_ctrl_c_does_not_wait_for_a_cluster(config, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(60)
        servers = dict.fromkeys(CLUSTERS, f"http://127.0.0.1:{silent.getsockname()[1]}")
        path = kubeconfig(tmp_path / "k", servers, "gke-prod")
        command = [sys.executable, "-c", "from onboarding_tool.cli import main; main()", "doctor"]
        environment = {**os.environ, "KUBECONFIG": str(path)}
        with subprocess.Popen(command, cwd=config, env=environment, stdout=subprocess.PIPE) as process:
            silent.accept()
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=READ - 5) == 130
            assert process.stdout is not None
            assert process.stdout.read() == b""


# Contexts


def test_contexts_that_are_missing_are_named(config, tmp_path, monkeypatch):
    servers = {name: f"https://127.0.0.1:{closed_port()}" for name in ("gke-prd", HOSTILE)}
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig(tmp_path / "k", servers, "gke-prd")))
    missing = doctor(config)["context-missing", "cluster gke-prod"]
    assert missing["message"] == "the kubeconfig has no context 'gke-prod'"
    assert missing["fix"].startswith("Did you mean 'gke-prd'?")
    assert doctor(config)["cluster-unreachable", "cluster gke-prod"]["status"] == "unknown"
    text = onboard("doctor", at=config).text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "a\\u001b[2J\\u202eb" in text


def test_a_hostile_current_context_is_one_word_in_commands(config, tmp_path, monkeypatch):
    name = f"x; touch pwned {HOSTILE}"
    with answering(200, CLUSTER) as address:
        servers = dict.fromkeys((*CLUSTERS, name), address)
        monkeypatch.setenv("KUBECONFIG", str(kubeconfig(tmp_path / "k", servers, name)))
        command = doctor(config)["root-not-applied", "environment prod"]["fix"].splitlines()[-1]
        text = onboard("doctor", at=config).text
    assert shlex.split(command)[:3] == ["kubectl", "--context", name]
    assert "\x1b" not in text


def test_without_a_current_context_argocd_must_be_named(config, tmp_path, monkeypatch):
    servers = {name: f"https://127.0.0.1:{closed_port()}" for name in CLUSTERS}
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig(tmp_path / "k", servers)))
    missing = doctor(config)["context-missing", "argocd"]
    assert missing["message"] == "no context is known that reaches it"
    assert "--argocd-context" in missing["fix"]
    assert "context-missing" not in {name for name, _ in doctor(config, "--argocd-context", "gke-prod")}
    assert "'nope'" in doctor(config, "--argocd-context", "nope")["context-missing", "argocd"]["message"]


def test_in_cluster_of_platform_yaml_names_argocds_context(config, tmp_path, monkeypatch):
    servers = {name: f"https://127.0.0.1:{closed_port()}" for name in (*CLUSTERS, "hub")}
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig(tmp_path / "k", servers, "gke-staging")))
    files = edited("platform.yaml", "clusters:\n", "clusters:\n  in-cluster: {context: hub}\n")
    (config / "platform.yaml").write_text(files["platform.yaml"])
    assert "the cluster hub" in doctor(config)["cluster-unreachable", "argocd"]["message"]
    assert (
        "the cluster gke-prod"
        in doctor(config, "--argocd-context", "gke-prod")["cluster-unreachable", "argocd"]["message"]
    )


def test_the_first_file_says_the_current_context_as_for_kubectl(config, tmp_path, monkeypatch):
    first = kubeconfig(tmp_path / "a", {"gke-staging": f"https://127.0.0.1:{closed_port()}"}, "gke-staging")
    second = kubeconfig(tmp_path / "b", {"gke-prod": f"https://127.0.0.1:{closed_port()}"}, "gke-prod")
    monkeypatch.setenv("KUBECONFIG", f"{first}{os.pathsep}{second}")
    assert "the cluster gke-staging" in doctor(config)["cluster-unreachable", "argocd"]["message"]


BROKEN = {
    "a list": b"- a",
    "no YAML": b"a: [",
    "no text": b"\xff\xfe\x00",
    "nothing": b"",
    "contexts that are none": b"contexts: [1, 2]",
    "a name that is no text": b"contexts: [{name: [a], context: {}}]",
    "another user's tag": b"!!python/object:os.system {}",
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
def test_a_file_that_is_no_kubeconfig(config, tmp_path, monkeypatch, data):
    (tmp_path / "k").write_bytes(data)
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "k"))
    found = problems(config)
    assert found in ({NO_KUBECONFIG}, {("context-missing", s) for s in ("argocd", *(f"cluster {c}" for c in CLUSTERS))})


def test_a_folder_is_no_kubeconfig(config, tmp_path, monkeypatch):
    monkeypatch.setenv("KUBECONFIG", str(tmp_path))
    assert problems(config) == {NO_KUBECONFIG}


UNUSABLE = {
    "a program that fails": {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "false"}},
    "a program that is not there": {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "/nope"}},
    "a program that says nonsense": {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "id"}},
    "a file that is not there": {"tokenFile": "/nope"},
    "a certificate that is none": {"client-certificate-data": "bm8=", "client-key-data": "bm8="},
    "no base64": {"client-certificate-data": "*", "client-key-data": "*"},
    "a token of two lines": {"token": "hunter2\r\nX-Evil: 1"},
    "a token that no header can hold": {"token": "hunter2\u202e"},
}


@pytest.mark.parametrize("user", UNUSABLE.values(), ids=UNUSABLE)
def test_credentials_that_are_none(config, tmp_path, monkeypatch, user, capfd):
    servers = {name: f"https://127.0.0.1:{closed_port()}" for name in CLUSTERS}
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig(tmp_path / "k", servers, "gke-prod", **user)))
    subjects = ("argocd", "cluster gke-staging", "cluster gke-prod")
    found = doctor(config)
    assert {key for key, one in found.items() if one["status"] == "problem"} == {
        ("cluster-unreachable", subject) for subject in subjects
    }
    assert "hunter2" not in str(found)
    assert capfd.readouterr().err == ""


# Git


def test_without_git(config, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    found = doctor(config)
    assert found["git-missing", "git"]["status"] == "problem"
    assert "git is not installed" in found["git-missing", "git"]["message"]
    assert found["remote-unreachable", "origin"]["status"] == "unknown"


def test_outside_of_a_repository(tmp_path):
    for path, text in good().items():
        (tmp_path / "config" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "config" / path).write_text(text)
    found = doctor(tmp_path / "config")
    assert found["git-repository-missing", "git"]["status"] == "problem"
    assert found["remote-missing", "origin"]["status"] == "unknown"


def test_in_a_folder_of_a_repository(tmp_path):
    root = repository(tmp_path / "all", good(), at="deep/config")
    assert "lies in deep/config/" in doctor(root)["config-repo-not-at-root", "git"]["message"]


def test_without_an_identity(config, monkeypatch):
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.delenv(f"GIT_{role}_NAME")
        monkeypatch.delenv(f"GIT_{role}_EMAIL")
    assert set(of_git(config)) == {"git-identity-missing"}


def test_a_detached_head_and_a_shallow_clone(config, tmp_path, bare):
    commit(config, {"README.md": "more"})
    git(config, "push", "-q")
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{bare}", "shallow")
    git(tmp_path / "shallow", "switch", "-q", "--detach")
    found = of_git(tmp_path / "shallow")
    assert {name: result["status"] for name, result in found.items()} == {
        "git-head-detached": "warning",
        "git-clone-shallow": "warning",
    }


def test_without_a_remote(config):
    git(config, "remote", "remove", "origin")
    assert of_git(config)["remote-missing"]["fix"].startswith("git remote add origin file:///")


def test_a_remote_that_is_not_there(config, bare):
    bare.rename(bare.with_name("moved.git"))
    assert "does not appear to be a git repository" in of_git(config)["remote-unreachable"]["message"]


def test_another_remote(config, tmp_path):
    git(tmp_path, "clone", "-q", "--bare", str(config), "fork.git")
    git(config, "remote", "set-url", "origin", str(tmp_path / "fork.git"))
    assert set(of_git(config)) == {"remote-url-mismatch"}


def test_a_remote_that_git_rewrites_is_the_one(config, bare):
    git(config, "config", f"url.{bare.parent}/.insteadOf", "config:")
    git(config, "remote", "set-url", "origin", "config:remote.git")
    assert of_git(config) == {}


@pytest.mark.parametrize("user", ["", "bot:hunter2@"])
def test_a_remote_that_wants_a_password_asks_nobody(config, user):
    with answering(401, WWW_Authenticate='Basic realm="x"') as address:
        url = address.replace("://", f"://{user}") + "/acme/config.git"
        git(config, "remote", "set-url", "origin", url)
        found = of_git(config)
        text = onboard("doctor", at=config).text
    assert set(found) == {"remote-unreachable", "remote-url-mismatch"}
    assert found["remote-unreachable"]["fix"] == "git ls-remote origin"
    assert "hunter2" not in str(found) + text


def test_an_address_with_escape_sequences(config):
    git(config, "remote", "set-url", "origin", f"/nope/{HOSTILE}")
    text = onboard("doctor", at=config).text
    assert "remote-unreachable" in text
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_main_that_was_not_pushed(config):
    commit(config, {"README.md": "more"})
    found = of_git(config)
    assert set(found) == {"main-out-of-step"}
    assert found["main-out-of-step"]["fix"] == "git push origin main"


def test_main_that_others_moved_on(config, tmp_path, bare):
    git(tmp_path, "clone", "-q", f"file://{bare}", "other")
    commit(tmp_path / "other", {"README.md": "more"})
    git(tmp_path / "other", "push", "-q")
    found = of_git(config)
    assert found["main-out-of-step"]["message"] == "main is behind that of `origin`, by commits that are not here yet"
    git(config, "fetch", "-q")
    assert of_git(config)["main-out-of-step"]["message"] == "main is 1 commit behind that of `origin`"
    commit(config, {"README.md": "else"})
    assert "have parted: 1 commit here, 1 there" in of_git(config)["main-out-of-step"]["message"]


def test_an_empty_remote(config, bare, tmp_path):
    git(tmp_path, "init", "-q", "--bare", "empty.git")
    git(config, "remote", "set-url", "origin", str(tmp_path / "empty.git"))
    assert of_git(config)["remote-main-missing"]["fix"] == "git push -u origin main"


def test_another_default_branch(config, bare):
    git(config, "push", "-q", "origin", "main:trunk")
    git(bare, "symbolic-ref", "HEAD", "refs/heads/trunk")
    assert "pull requests go to trunk" in of_git(config)["remote-default-branch-other"]["message"]


def test_a_revision_that_was_not_pushed(config):
    text = (config / "platform.yaml").read_text()
    pinned = text.replace("cluster: gke-prod\n", "cluster: gke-prod\n    revision: refs/tags/v1\n")
    commit(config, {"platform.yaml": pinned})
    git(config, "push", "-q")
    found = of_git(config)
    assert set(found) == {"revision-missing"}
    assert found["revision-missing"]["fix"] == "git push origin refs/tags/v1"
    git(config, "tag", "-a", "v1", "-m", "x")
    git(config, "push", "-q", "origin", "v1")
    assert of_git(config) == {}


# What is asked for


def test_one_environment(config, tmp_path, monkeypatch):
    servers = {name: f"https://127.0.0.1:{closed_port()}" for name in CLUSTERS}
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig(tmp_path / "k", servers, "gke-prod")))
    subjects = {subject for _, subject in doctor(config, "--env", "prod")}
    assert subjects == {"argocd", "cluster gke-prod", "environment prod"}


def test_an_environment_that_is_none(config):
    done = onboard("doctor", "--env", "prdo", at=config)
    assert (done.code, done.out) == (2, "")
    assert "Did you mean 'prod'?" in done.err


def test_without_a_config_repo(tmp_path):
    assert onboard("doctor", at=tmp_path).code == 3


def test_a_broken_platform_yaml_hides_git_no_more_than_it_must(config):
    (config / "platform.yaml").write_text("a: [\n")
    found = doctor(config)
    assert found["config-repo-broken", "tool"]["status"] == "problem"
    assert "platform.yaml:2:1" in found["config-repo-broken", "tool"]["message"]
    assert found["remote-url-mismatch", "origin"]["status"] == "unknown"
    assert ("remote-unreachable", "origin") not in found


def test_a_broken_declaration_is_told(config):
    (config / "apps/payments/metadata.yaml").write_text("a: [\n")
    assert "apps/payments/metadata.yaml:2:1" in doctor(config)["config-repo-broken", "tool"]["message"]


def test_help_says_what_it_does() -> None:
    done: Done = onboard("doctor", "--help")
    assert done.code == 0
    assert "--argocd-context" in done.out
