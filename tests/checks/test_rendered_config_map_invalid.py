import pytest

from onboarding_tool.checks import rendered_config_map_invalid as rule
from tests.support.repos import good, with_generated

OVERLAY = "apps/payments/overlays/prod/kustomization.yaml"


def generating(keys, content="a"):
    """A ConfigMap of an overlay with a file below each of these keys."""
    listed = "".join(f'      - "{key}=config/settings"\n' for key in keys)
    generator = f"configMapGenerator:\n  - name: settings\n    files:\n{listed}"
    files = good() | {"apps/payments/overlays/prod/config/settings": content}
    return with_generated(files | {OVERLAY: files[OVERLAY] + generator})


def patching(path, value):
    """Such a ConfigMap, patched."""
    files = generating(["app.properties"])
    patch = f'[{{"op": "add", "path": "{path}", "value": {value}}}]'
    files[OVERLAY] += f"patches:\n  - target: {{kind: ConfigMap}}\n    patch: '{patch}'\n"
    return files


@pytest.mark.parametrize("key", ["app.properties", "a", "-", ".env", "A_b-1", "...".join("ab"), "a" * 253])
def test_what_a_key_may_be(judged, key):
    assert judged(rule, generating([key])) == []


@pytest.mark.parametrize("key", ["app settings", "a/b", ".", "..", "..a", "ü", "a:b", "a" * 254])
def test_what_no_key_may_be(judged, key):
    (found,) = judged(rule, generating([key]))
    assert found.path == OVERLAY
    assert "in prod, the ConfigMap 'settings-" in found.message
    assert f"comes out with the key {key[:40]!r}, which Kubernetes refuses" in found.message


@pytest.mark.parametrize(("size", "refused"), [(524_288, False), (524_289, True)])
def test_one_file_below_two_keys_counts_twice(judged, size, refused):
    """As bytes, too: what counts is what they say, not how it is written."""
    for content in ("x" * size, b"\xff" * size):
        found = judged(rule, generating(["a", "b"], content))
        assert ["1,048,578 bytes; Kubernetes takes 1,048,576" in each.message for each in found] == [True] * refused


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("/data/b", '"x"', ""),
        ("/binaryData", '{"b": "YQ=="}', ""),
        ("/binaryData", '{"b": "%%%"}', "bytes below 'b' that are no base64"),
        ("/binaryData", '{"app.properties": "YQ=="}', "the key 'app.properties' as text and as bytes"),
        ("/data/a b", '"x"', "the key 'a b', which Kubernetes refuses"),
    ],
)
def test_what_a_patch_makes_of_it(judged, path, value, words):
    found = judged(rule, patching(path, value))
    assert [words in each.message for each in found] == [True] * bool(words)
