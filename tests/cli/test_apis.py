"""`onboard api ...`: what each command says, to whom it says it, and what it warns of."""

import json
from pathlib import Path

import pytest

from onboarding_tool.cli.session import changed_lines
from tests.support.cli import Done, onboard
from tests.support.imports import DEPLOYMENT, INGRESS, SERVICE

REGISTRY = "europe-docker.pkg.dev/acme"
WORDS = ("--tenant", "customer-a", "--team", "payments-team")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    folder = tmp_path / "config"
    ok(onboard("init", folder, "--registry", REGISTRY))
    ok(onboard("team", "add", "payments-team", "--tenant", "customer-a", "--tenant", "customer-b", at=folder))
    return folder


@pytest.fixture
def payments(config: Path) -> Path:
    """A config repo with one API on a legacy host, generated."""
    ok(add(config, "payments", "--legacy-host", "payments.customer-a.com"))
    ok(onboard("generate", at=config))
    return config


def ok(done: Done) -> Done:
    assert done.code == 0, done.text
    return done


def add(config: Path, name: str, *words: str, image: str = f"{REGISTRY}/payments/app:v1", words_of=WORDS) -> Done:
    return onboard("api", "add", name, *words_of, "--image", image, "--port", "8080", *words, at=config)


def imported(config: Path, name: str, *words: str, manifests: tuple[str, ...] = (DEPLOYMENT, SERVICE)) -> Done:
    export = "---\n".join(manifests).encode()
    return onboard("api", "import", name, "--from", "-", *WORDS, *words, at=config, stdin=export)


def test_a_sound_api_is_added_without_a_warning(config):
    done = ok(add(config, "payments"))
    assert "will find" not in done.err
    assert done.out == ""
    assert done.err.rstrip().endswith(
        "Next: look at apps/payments, then `onboard generate`, `onboard check`, and commit."
    )


@pytest.mark.parametrize(
    ("words", "image", "rule", "named"),
    [
        ((), f"{REGISTRY}/app:latest", "image-tag-forbidden", "'latest'"),
        ((), "ghcr.io/somebody/app:v1", "image-registry-not-allowed", "add `ghcr.io/somebody` to `registries:`"),
        (("--namespace", "prod=kube-system"), f"{REGISTRY}/app:v1", "namespace-forbidden", "'kube-system'"),
    ],
)
def test_what_check_will_refuse_of_a_new_api_is_said_at_once(config, words, image, rule, named):
    done = ok(add(config, "payments", *words, image=image))
    lines = [line for line in done.err.splitlines() if f": {rule}: " in line]
    assert lines
    assert all(line.startswith("  apps/payments/") and named in line for line in lines)
    assert done.out == ""
    checked = json.loads(onboard("check", "--format", "json", at=config).out)
    assert rule in {finding["rule"] for finding in checked["findings"]}


@pytest.mark.parametrize("name", ["aaa", "zzz"])
@pytest.mark.parametrize(
    ("words", "rule"),
    [
        (("--prefix", "/customer-a/payments/refunds"), "route-claimed-twice"),
        (("--prefix", "/customer-a/payments"), "route-claimed-twice"),
        (("--legacy-host", "payments.customer-a.com"), "legacy-host-claimed-twice"),
    ],
)
def test_what_another_api_claims_already_is_said_at_once_whichever_comes_first(payments, name, words, rule):
    done = ok(add(payments, name, *words))
    (line,) = [line for line in done.err.splitlines() if f": {rule}: " in line]
    assert words[1] in line
    assert f"{name}: " in line or f" {name}" in line


def test_a_namespace_of_another_tenant_is_said_at_once(payments):
    other = ("--tenant", "customer-b", "--team", "payments-team")
    done = ok(add(payments, "refunds", "--namespace", "prod=payments-prod", words_of=other))
    assert "namespace-shared" in done.err


def test_an_import_says_at_once_what_another_api_claims(payments):
    done = ok(imported(payments, "refunds", manifests=(DEPLOYMENT, SERVICE, INGRESS)))
    assert "legacy-host-claimed-twice" in done.err
    assert "will find" not in done.out
    assert "Left to do:" in done.out


def test_a_sound_import_warns_of_nothing(payments):
    assert "will find" not in ok(imported(payments, "refunds")).err


def test_findings_that_were_there_before_are_not_told_again(payments):
    ok(add(payments, "second", "--legacy-host", "payments.customer-a.com"))
    assert "will find" not in ok(add(payments, "third")).err


def test_retire_and_remove_say_what_was_done_what_is_next_and_what_then(payments):
    lines = ok(onboard("api", "retire", "payments", at=payments)).err.splitlines()
    assert lines[0] == "wrote apps/payments/metadata.yaml"
    assert [line.partition(":")[0] for line in lines[1:]] == ["Next", "Then"]
    assert "onboard api remove payments" in lines[2]
    assert "already" in ok(onboard("api", "retire", "payments", at=payments)).err
    lines = ok(onboard("api", "remove", "payments", at=payments)).err.splitlines()
    assert "deleted apps/payments/base/deployment.yaml" in lines
    assert "wrote apps/payments/metadata.yaml" in lines
    assert [line.partition(":")[0] for line in lines[-2:]] == ["Next", "Then"]
    generated = ok(onboard("generate", at=payments)).err.splitlines()
    assert any(line.startswith("deleted ") and line.endswith("below generated/") for line in generated)


def test_what_is_written_and_deleted_below_one_folder_is_counted_apart():
    changes = {f"generated/{name}": b"" for name in "ab"} | {f"generated/{name}": None for name in "cdefgh"}
    assert changed_lines(changes | {"a": None, ".onboard/schemas/api.json": b""}) == [
        "deleted a",
        "wrote 2 files below generated/",
        "deleted 6 files below generated/",
        "wrote 1 file below .onboard/schemas/",
    ]


def test_show_shows_what_can_be_read_and_counts_the_rest(payments):
    overlay = payments / "apps/payments/overlays/prod/kustomization.yaml"
    overlay.write_text(overlay.read_text() + "images: []\n")
    done = ok(onboard("api", "show", "payments", at=payments))
    assert done.err.startswith("1 finding: what is shown may be incomplete.")
    assert "payments: tenant customer-a" in done.out
    assert "1 finding: " in ok(onboard("api", "list", at=payments)).err
    assert onboard("api", "show", "paymnts", at=payments).code == 2
    assert onboard("request", "payments", "prod", f"{REGISTRY}/payments/app:v2", at=payments).code == 1


def test_an_api_whose_metadata_cannot_be_read_is_listed_all_the_same(payments):
    (payments / "apps/payments/metadata.yaml").write_text("a: [\n")
    done = ok(onboard("api", "list", at=payments))
    assert done.out.splitlines()[1].split()[:3] == ["payments", "-", "-"]
    ok(onboard("api", "show", "payments", at=payments))


def cells(config: Path) -> dict[str, dict[str, str]]:
    """The table's rows by environment."""
    head, *rows = (line.split("  ") for line in ok(onboard("api", "list", at=config)).out.splitlines())
    names = [name.strip() for name in head if name.strip()]
    found = [dict(zip(names, [cell.strip() for cell in row if cell.strip()], strict=True)) for row in rows]
    return {row["ENVIRONMENT"]: row for row in found}


def test_the_table_tells_lifecycle_and_capability_apart(payments):
    row = cells(payments)["prod"]
    assert (row["LIFECYCLE"], row["CAPABILITY"], row["PHASE"], row["LAST DECISION"]) == ("active", "L0", "legacy", "-")
    ok(onboard("api", "retire", "payments", at=payments))
    ok(onboard("api", "remove", "payments", at=payments))
    row = cells(payments)["prod"]
    assert (row["LIFECYCLE"], row["CAPABILITY"], row["PHASE"]) == ("removed", "L0", "-")
    shown = json.loads(ok(onboard("api", "show", "payments", "--format", "json", at=payments)).out)
    assert shown["environments"]["prod"]["phase"] == {}


@pytest.mark.parametrize(
    ("words", "usage"),
    [
        (("request",), "[OPTIONS] API ENV IMAGE"),
        (("explain",), "[OPTIONS] RULE"),
        (("init",), "[OPTIONS] DIR"),
        (("api", "show"), "[OPTIONS] NAME"),
        (("release", "apply"), "[OPTIONS] [REQUEST]..."),
    ],
)
def test_usage_lines_name_what_is_needed_without_braces(words, usage):
    assert f"Usage: onboard {' '.join(words)} {usage}\n" in onboard(*words, "--help").out
