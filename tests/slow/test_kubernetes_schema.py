"""Our judge against jsonschema, on custom resources broken in every place."""

import pytest
from jsonschema import FormatChecker

from tests.support import crds, custom_resources
from tests.test_kubernetes_schema import KNOWN, VALUES, Judge, agree, validator


@pytest.mark.parametrize("kind", custom_resources.objects())
def test_the_judge_agrees_with_jsonschema_on_custom_resources(kind):
    value = custom_resources.objects()[kind]
    agree(value, validator(KNOWN.kinds[f"{value['apiVersion']} {kind}"]), VALUES)


@pytest.mark.parametrize("kind", custom_resources.objects())
def test_the_judge_agrees_with_the_published_definitions(kind, published_crds):
    """The same again without our extract: another conversion, straight from the CustomResourceDefinition."""
    value = custom_resources.objects()[kind]
    judge = Judge(crds.schema_of(published_crds, kind), format_checker=FormatChecker(("ipv4", "ipv6")))
    no_defaults = ("spec", "addresses")  # whose `type` has one, which jsonschema does not fill in
    agree(value, judge, VALUES[:4], ("metadata",), no_defaults)
