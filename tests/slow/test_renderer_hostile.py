"""What a pull request may try on the renderer: it fails clearly, the next overlay renders, and nothing is reached."""

import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from onboarding_tool.adapters.renderer import Renderer
from onboarding_tool.rendering import Failure, Form, Rendered, RenderRequest
from tests.support.overlays import HEADER

ROOT = Path(__file__).resolve().parent.parent.parent
HARMLESS = RenderRequest("good", {"good/kustomization.yaml": b"configMapGenerator: [{name: good, literals: [a=1]}]\n"})
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: a:1}]}\n"
LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10)
)
BOMB = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\n{LAUGHS}"
ESCAPED_BOMB = '"' + BOMB.replace('"', '\\"').replace("&", "\\x26").replace("*", "\\u002a").replace("\n", "\\n") + '"'
FUNCTION = """\
apiVersion: example.com/v1
kind: Anything
metadata:
  name: a
  annotations:
    config.kubernetes.io/function: |
      {how}
"""
CONTAINER = FUNCTION.format(how="container: {image: example.com/evil:1, network: true}")
EXEC = FUNCTION.format(how="exec: {path: /bin/touch}")
STARLARK = FUNCTION.format(how="starlark: {url: 'https://example.com/a.star', name: a}")

# name -> (files besides the overlay's, its kustomization, how it fails, what the message has)
Attack = tuple[dict[str, str | bytes], str, tuple[Failure, ...], str]
# Which bound comes first depends on the machine.
BOUNDS = (Failure.TOO_LARGE, Failure.TIMED_OUT)
REMOTE = {
    "resource by https": "resources: [https://example.com/a.yaml]",
    "base by https": "resources: ['https://github.com/acme/a//deploy?ref=main']",
    "base by ssh": "resources: ['git@github.com:acme/a.git']",
    "base by file": "resources: ['file:///srv/git/a.git']",
    "base by short name": "resources: [github.com/acme/a]",
    "base with an option for git": "resources: ['https://github.com/acme/a?ref=--upload-pack=touch']",
    "component by https": "components: ['https://github.com/acme/a']",
    "patch by https": "patches: [{path: https://example.com/a.yaml}]",
    "generator's file by https": "configMapGenerator: [{name: a, files: ['k=https://example.com/a']}]",
    "schema by https": "openapi: {path: https://169.254.169.254/latest/meta-data}",
    "crd by https": "crds: [https://example.com/a.json]",
    "transformer by https": "transformers: [https://example.com/a.yaml]",
}
FAILING: dict[str, Attack] = {
    **{name: ({}, text, (Failure.REFUSED,), "rendering reaches no network|no 'git'") for name, text in REMOTE.items()},
    "absolute file": ({}, "resources: [/etc/passwd]", (Failure.ERROR,), "/etc/passwd"),
    "absolute path of the tree": ({"o/a.yaml": POD}, "resources: [/o/a.yaml]", (Failure.ERROR,), "/o/a.yaml"),
    "escaping file": ({"a.yaml": POD}, "resources: [../a.yaml]", (Failure.ERROR,), "is not in or below"),
    "escaping folder": ({}, "resources: [../../../../etc]", (Failure.ERROR,), "etc"),
    "escaping generator": (
        {"a.txt": "x"},
        "configMapGenerator: [{name: a, files: [../a.txt]}]",
        (Failure.ERROR,),
        "is not in or below",
    ),
    "cycle": ({"p/kustomization.yaml": "resources: [../o]\n"}, "resources: [../p]", (Failure.ERROR,), "cycle"),
    "helm chart": ({}, "helmCharts: [{name: a, repo: 'https://example.com'}]", (Failure.REFUSED,), "enable-helm"),
    "container function": ({"o/f.yaml": CONTAINER}, "transformers: [f.yaml]", (Failure.REFUSED,), "plugins disabled"),
    "exec function": ({"o/f.yaml": EXEC}, "generators: [f.yaml]", (Failure.REFUSED,), "plugins disabled"),
    "starlark function": ({"o/f.yaml": STARLARK}, "validators: [f.yaml]", (Failure.REFUSED,), "plugins disabled"),
    "plugin": (
        {"o/f.yaml": "apiVersion: example.com/v1\nkind: Evil\nmetadata: {name: a}\n"},
        "transformers: [f.yaml]",
        (Failure.REFUSED,),
        "plugins disabled",
    ),
    "alias bomb": ({"o/a.yaml": BOMB}, "resources: [a.yaml]", (Failure.REFUSED,), "aliases"),
    "alias bomb in a patch": (
        {"o/a.yaml": POD},
        "resources: [a.yaml]\npatches:\n- patch: |\n" + "".join(f"    {line}\n" for line in BOMB.splitlines()),
        (Failure.REFUSED,),
        "aliases",
    ),
    "alias bomb in escapes": (
        {"o/a.yaml": POD},
        f"resources: [a.yaml]\npatches:\n- patch: {ESCAPED_BOMB}",
        (Failure.REFUSED,),
        "aliases",
    ),
    "alias bomb in the kustomization": ({}, LAUGHS, (Failure.REFUSED,), "aliases"),
    "alias bomb, second document": ({"o/a.yaml": POD + "---\n" + BOMB}, "resources: [a.yaml]", (Failure.REFUSED,), ""),
    "alias bomb in UTF-16": ({"o/a.yaml": BOMB.encode("utf-16")}, "resources: [a.yaml]", (Failure.REFUSED,), "aliases"),
    "endless alias": ({"o/a.yaml": "a: &a [*a]\n"}, "resources: [a.yaml]", (Failure.REFUSED,), "aliases"),
    "panic": ({"o/a.yaml": POD}, "resources: [a.yaml]\nimages: [{name: '[', newTag: b}]", (Failure.PANIC,), "nil"),
    "large input": ({"o/a.yaml": "#" * (9 << 20)}, "resources: [a.yaml]", (Failure.TOO_LARGE,), "bytes"),
    "output of 20 MB": (
        {"o/a": "x" * (1 << 20)},
        "configMapGenerator: [" + ", ".join(f"{{name: a{n}, files: [a]}}" for n in range(20)) + "]",
        BOUNDS,
        "bytes|memory|seconds",
    ),
    "output of 100 MB": (
        {"o/a": "x" * (1 << 20)},
        "configMapGenerator: [" + ", ".join(f"{{name: a{n}, files: [a]}}" for n in range(100)) + "]",
        BOUNDS,
        "bytes|memory|seconds",
    ),
    "many objects": (
        {"o/a.yaml": "---\n".join(POD.replace("name: a}", f"name: a{n}}}") for n in range(60_000))},
        "resources: [a.yaml]",
        BOUNDS,
        "bytes|memory|seconds",
    ),
}  # fmt: skip


def attack(name: str) -> RenderRequest:
    files, text, _, _ = FAILING[name]
    whole = files | {"o/kustomization.yaml": HEADER * (name != "alias bomb in the kustomization") + text + "\n"}
    return RenderRequest(
        "o", {path: data if isinstance(data, bytes) else data.encode() for path, data in whole.items()}
    )


@pytest.mark.parametrize("name", FAILING)
def test_it_fails_clearly_and_the_next_overlay_renders(renderer, name):
    _, _, failures, message = FAILING[name]
    with Renderer(jobs=1, command=renderer) as rendering:
        before, found, after = rendering.render([HARMLESS, attack(name), HARMLESS])
    assert found.failure in failures, found.message
    assert (found.path, found.text) == ("o", "")
    assert re.search(message, found.message)
    assert before == after == Rendered("good", before.text)
    assert "kind: ConfigMap" in after.text


def endless() -> RenderRequest:
    """Each component lists the next one twice: 2^30 of them, in a few files. It would take hours."""
    files = {f"c{n}/kustomization.yaml": f"kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\n"
             f"components: [../c{n + 1}, ../d{n + 1}]\n" for n in range(30)}  # fmt: skip
    files |= {path.replace("c", "d", 1): text for path, text in files.items()}
    files |= {
        f"{name}30/kustomization.yaml": "kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\n"
        for name in "cd"
    }
    files["o/kustomization.yaml"] = HEADER + "components: [../c0]\n"
    return RenderRequest("o", {path: text.encode() for path, text in files.items()})


def test_a_build_that_takes_too_long_is_ended(renderer):
    begin = time.monotonic()
    with Renderer(jobs=1, time_limit=2.0, command=renderer) as rendering:
        found, after = rendering.render([endless(), HARMLESS])
    assert found.failure in (Failure.TIMED_OUT, Failure.TOO_LARGE)
    assert after.failure is None
    assert time.monotonic() - begin < 20


def test_objects_nested_without_end_are_refused_where_they_would_be_read(renderer):
    text = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata: {'[' * 2000}{']' * 2000}\n"
    files = {"o/kustomization.yaml": b"resources: [a.yaml]\n", "o/a.yaml": text.encode()}
    with Renderer(jobs=1, command=renderer) as rendering:
        found, after = rendering.render([RenderRequest("o", files, Form.OBJECTS), HARMLESS])
    assert (found.failure, found.values) == (Failure.TOO_LARGE, ())
    assert "levels" in found.message
    assert after.failure is None


def test_harmless_aliases_render(renderer):
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a: &a x\n  b: *a\n"
    asked = RenderRequest("o", {"o/kustomization.yaml": b"resources: [a.yaml]\n", "o/a.yaml": text.encode()})
    with Renderer(jobs=1, command=renderer) as rendering:
        (found,) = rendering.render([asked])
    assert "b: x" in found.text


def test_the_environment_does_not_leak(renderer, monkeypatch):
    monkeypatch.setenv("TOKEN", "hunter2")
    files = {"o/kustomization.yaml": b"configMapGenerator: [{name: a, envs: [e]}]\n", "o/e": b"TOKEN\nPATH\nHOME\n"}
    with Renderer(jobs=1, command=renderer) as rendering:
        (found,) = rendering.render([RenderRequest("o", files)])
    assert 'TOKEN: ""' in found.text
    assert 'PATH: ""' in found.text


@pytest.fixture(scope="session")
def strace() -> str:
    found = shutil.which("strace")
    if found is None or subprocess.run([found, "true"], capture_output=True, check=False).returncode:
        pytest.skip("strace is not here, or may not trace")
    return found


def calls(log: Path) -> list[str]:
    lines = log.read_text(encoding="utf-8").splitlines()
    return [re.sub(r"^\d+ +", "", line) for line in lines if re.search(r"\w+\(", line)]


def test_no_socket_no_other_program_and_no_file(strace, renderer, tmp_path):
    def traced(name: str) -> Path:
        wrapper = tmp_path / name
        log = tmp_path / f"{name}.log"
        trace = "-e trace=network,execve,openat,open,creat,mkdir,mkdirat"
        wrapper.write_text(f"#!/bin/sh\nexec {strace} -f -q {trace} -o {log} {renderer}\n")
        wrapper.chmod(0o755)
        return wrapper

    idle = subprocess.run([traced("idle")], input=b"", capture_output=True, check=True)
    assert idle.stdout == b""
    begun = calls(tmp_path / "idle.log")
    with Renderer(jobs=1, command=traced("busy"), time_limit=60) as rendering:
        harmful = [attack(name) for name in FAILING if not re.search("output|many", name)]
        assert len(list(rendering.render([HARMLESS, *harmful, HARMLESS]))) == len(harmful) + 2
    assert sum(call.startswith("execve(") for call in begun) == 1
    assert sorted(map(ours, calls(tmp_path / "busy.log"))) == sorted(map(ours, begun))


def ours(call: str) -> str:
    return re.sub(r"0x[0-9a-f]+|/\* .* \*/", "", call)
