import json

import pytest

from onboarding_tool import metadata_file, resources
from onboarding_tool.images import parse

DEFINITIONS = json.loads(resources.schema_text("api"))["$defs"]


@pytest.mark.parametrize(
    ("expression", "pattern"),
    [
        (metadata_file.NAME, DEFINITIONS["name"]["pattern"]),
        (metadata_file.LABEL, DEFINITIONS["label"]["pattern"]),
        (metadata_file.HOST, DEFINITIONS["host"]["pattern"]),
        (metadata_file.PREFIX, DEFINITIONS["route"]["properties"]["prefix"]["pattern"]),
        (metadata_file.REPOSITORY, DEFINITIONS["container"]["properties"]["image"]["pattern"]),
    ],
)
def test_wishes_are_judged_by_the_expressions_of_the_schema(expression, pattern):
    assert pattern == f"^{expression.pattern}$(?!\\n)"


def test_limits_are_those_of_the_schema():
    assert metadata_file.LONGEST_HOST == DEFINITIONS["host"]["maxLength"]
    assert metadata_file.LONGEST_PREFIX == DEFINITIONS["route"]["properties"]["prefix"]["maxLength"]


@pytest.mark.parametrize(
    ("image", "name", "entry"),
    [
        ("a/b:1.10", "", {"name": "a/b", "newTag": "1.10"}),
        (f"a/b@sha256:{'1' * 64}", "", {"name": "a/b", "digest": f"sha256:{'1' * 64}"}),
        ("a/b:1", "logical", {"name": "logical", "newName": "a/b", "newTag": "1"}),
        ("a/b", "logical", {"name": "logical", "newName": "a/b"}),
    ],
)
def test_image_entries(image, name, entry):
    assert metadata_file.image_entry(parse(image), name) == entry


def test_an_overlay_quotes_what_readers_could_take_for_a_number():
    assert metadata_file.overlay("on", [{"name": "a", "newTag": "1.10"}]).decode() == (
        "apiVersion: kustomize.config.k8s.io/v1beta1\n"
        "kind: Kustomization\n"
        'namespace: "on"\n'
        "resources:\n"
        "  - ../../base\n"
        "images:\n"
        "  - name: a\n"
        '    newTag: "1.10"\n'
    )
