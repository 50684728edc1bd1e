"""`onboard wait` against a real Argo CD: what it says, and when it ends."""

import json

import pytest

from tests.cluster import config_repo
from tests.cluster.conditions import synced_and_healthy
from tests.cluster.config_repo import ENVIRONMENT, ConfigRepo


@pytest.fixture
def repo(tmp_path, remote, onboard, argocd, cluster, namespace) -> ConfigRepo:
    """One API, `payments`, delivered."""
    made = config_repo.make(tmp_path / "config", remote, onboard, cluster)
    made.edit("platform.yaml", "refresh: false", "refresh: true")
    made.add("payments", namespace)
    made.push("One API")
    config_repo.deliver(made, argocd, cluster)
    argocd.wait_until(synced_and_healthy, f"payments-{ENVIRONMENT}")
    return made


def waited(repo: ConfigRepo, *words: str, code: int = 0) -> tuple[dict, str]:
    done = repo.run("wait", "payments", ENVIRONMENT, "--format", "json", *words, at=repo.folder)
    assert done.code == code, done.text
    return json.loads(done.out), done.err


def test_a_release_is_followed_until_its_image_runs(repo, cluster, namespace):
    commit = repo.release("payments", "v2.0.0-slow-2s")
    told, _ = waited(repo)
    assert (told["result"], told["revision"], told["compared"]) == ("healthy", commit, commit)
    assert told["message"] == "app v2.0.0-slow-2s runs in 2 pods"
    assert set(told["seconds"]) == {"noticed", "synced", "healthy"}
    images = {pod["spec"]["containers"][0]["image"] for pod in cluster.objects("Pod", namespace)}
    assert f"{config_repo.image('payments')}:v2.0.0-slow-2s" in images


def test_a_bad_image_is_told_while_it_is_waited_for_and_time_is_up(repo):
    repo.release("payments", "v2.0.0-pull-error")
    told, err = waited(repo, "--timeout", "10s", code=6)
    assert told["result"] == "timed-out"
    assert "ImagePullBackOff in app" in told["message"]
    assert "ImagePullBackOff" in err
