import pytest

from onboarding_tool.edits.choosing import choose
from onboarding_tool.errors import UsageError
from onboarding_tool.model import Api
from tests.support.repos import edited, good, repo_of

DEPLOYMENT = "apps/payments/base/deployment.yaml"
SIDECAR = "- name: sidecar\n          image: europe-docker.pkg.dev/acme/proxy\n        - name: app\n"
WORKER = "---\n" + good()[DEPLOYMENT].replace("payments", "worker").replace("acme/worker/app", "acme/payments/app")


def api(files: dict[str, str]) -> Api:
    return repo_of(files).apis["payments"]


def chosen(files: dict[str, str], *names: str | None) -> list[str]:
    return [f"{one.deployment}/{one.container}" for one in choose(api(files), "prod", *names)]


def refused(files: dict[str, str], *names: str | None) -> UsageError:
    with pytest.raises(UsageError) as raised:
        choose(api(files), "prod", *names)
    return raised.value


def with_sidecar() -> dict[str, str]:
    return edited(DEPLOYMENT, "- name: app\n", SIDECAR)


def with_worker() -> dict[str, str]:
    files = good()
    return files | {DEPLOYMENT: files[DEPLOYMENT] + WORKER}


def test_the_only_slot_needs_no_name():
    assert chosen(good()) == ["payments/app"]


def test_a_name_chooses():
    assert chosen(with_sidecar(), None, "sidecar") == ["payments/sidecar"]
    assert chosen(with_sidecar(), "payments", "app") == ["payments/app"]


def test_several_containers_of_one_slot_are_no_choice():
    assert chosen(with_worker()) == ["payments/app", "worker/app"]


def test_the_container_that_is_meant_comes_first():
    assert chosen(with_worker(), "worker") == ["worker/app", "payments/app"]


def test_a_container_comes_before_an_init_container():
    init = "initContainers:\n        - name: warm-up\n          image: europe-docker.pkg.dev/acme/payments/app\n"
    files = edited(DEPLOYMENT, "containers:\n", f"{init}      containers:\n")
    assert chosen(files) == ["payments/app", "payments/warm-up"]
    assert chosen(files, None, "warm-up") == ["payments/warm-up", "payments/app"]


def test_several_slots_are_listed_as_options():
    error = refused(with_sidecar())
    assert error.exit == 2
    assert error.hint.splitlines() == [
        "Say which one:",
        "  --deployment payments --container sidecar  (europe-docker.pkg.dev/acme/proxy)",
        "  --deployment payments --container app  (europe-docker.pkg.dev/acme/payments/app:v1.9.3)",
    ]


@pytest.mark.parametrize(
    ("names", "message", "hint"),
    [
        (("paymets",), "no Deployment 'paymets' in prod", "Did you mean 'payments'?"),
        (("payments", "ap"), "payments has no container 'ap' in prod", "Did you mean 'app'?"),
        ((None, "other"), "payments has no container 'other' in prod", "It has app."),
        (("", ""), "no Deployment ''", "It has payments."),
    ],
)
def test_a_name_that_is_not_there_is_never_guessed(names, message, hint):
    error = refused(good(), *names)
    assert message in error.message
    assert hint in error.hint


def test_an_api_that_runs_nothing_says_where_to_look():
    files = good()
    del files[DEPLOYMENT]
    assert "apps/payments/base" in refused(files).hint
