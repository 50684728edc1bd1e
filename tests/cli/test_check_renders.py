"""`onboard check` with its renders and without."""

import json
import re

import pytest

from onboarding_tool.adapters import renderer as adapter
from onboarding_tool.errors import WorldError
from tests.support.cli import onboard
from tests.support.repos import good, patched, with_generated

LOST = '[{"op": "remove", "path": "/spec/nothing"}]'


def written(folder, files):
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


@pytest.fixture
def config(tmp_path, renderer):
    return written(tmp_path, with_generated(good()))


def test_renders_are_judged(tmp_path, renderer):
    config = written(tmp_path, with_generated(patched("{kind: Service, name: payments}", LOST)))
    done = onboard("check", at=config)
    assert done.code == 1
    assert "apps/payments/overlays/prod/kustomization.yaml:1:1" in done.out
    assert "render-failed" in done.out
    assert "skipped render" not in done.out


def test_without_renders_their_rules_are_skipped_and_fail_strictly(config):
    done = onboard("check", "--no-render", "--format", "json", at=config)
    skipped = {item["rule"]: item["reason"] for item in json.loads(done.out)["skipped"]}
    assert done.code == 0
    assert {"render-failed", "rendered-workload-mismatch", "rendered-kind-forbidden"} <= set(skipped)
    assert skipped["render-failed"] == "--no-render was given"
    said = onboard("check", "--no-render", "--strict", at=config).out
    assert re.search("^skipped .*render-failed, .*: --no-render was given$", said, re.MULTILINE)
    assert said.count("--no-render was given") == 1
    assert onboard("check", "--no-render", "--strict", at=config).code == 1


def test_a_missing_renderer_skips_them_too(config, monkeypatch):
    def missing():
        raise WorldError("The renderer is missing: there is no /nowhere.")

    monkeypatch.setattr(adapter, "binary", missing)
    done = onboard("check", at=config)
    assert done.code == 0
    assert re.search(
        "^skipped .*render-failed, .*: The renderer is missing: there is no /nowhere", done.out, re.MULTILINE
    )
    assert onboard("check", "--strict", at=config).code == 1
