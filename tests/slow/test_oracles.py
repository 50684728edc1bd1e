"""Our renderer against kustomize and, where there is one, kubectl: byte for byte, on all that we have and can make."""

from collections import Counter
from collections.abc import Iterator

import pytest
import yaml
from hypothesis import HealthCheck, given, settings

from onboarding_tool.adapters.renderer import Renderer
from tests.support import oracles
from tests.support.examples import NAMES, corpus, example_with_generated
from tests.support.git import write
from tests.support.image_rows import TABLE
from tests.support.imports import boutique_files, generated_files, imported_together
from tests.support.kustomizations import FEATURES, Overlay, overlays
from tests.support.oracles import Built, Oracle, as_built, assert_same, assert_same_overlay, folders_of, rendered

EXAMPLES = 500


@pytest.fixture(scope="module")
def rendering(renderer) -> Iterator[Renderer]:
    """One process, so that each build comes after all the others, and finds what they kept."""
    with Renderer(jobs=1, command=renderer) as started:
        yield started


@pytest.fixture(scope="module", params=oracles.NAMES)
def oracle(request: pytest.FixtureRequest) -> Oracle:
    if request.param == "kubectl":
        return oracles.kubectl_oracle()
    return oracles.kustomize_oracle(request.getfixturevalue("kustomize"))


def test_generated_overlays(rendering, kustomize):
    """Against kustomize alone: of another version, as in kubectl, they find one difference after the other."""
    oracle = oracles.kustomize_oracle(kustomize)
    counted: Counter[str] = Counter()

    @settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
    @given(overlay=overlays())
    def same(overlay: Overlay) -> None:
        built = assert_same_overlay(rendering, oracle, overlay)
        counted.update(["built", *overlay.features] if built.text else ["broken"])

    same()
    assert counted["built"] + counted["broken"] >= EXAMPLES
    assert counted["built"] > EXAMPLES / 2
    assert [feature for feature in [*FEATURES, "component", "broken"] if counted[feature] < EXAMPLES / 50] == []


@pytest.mark.parametrize("name", NAMES)
def test_examples_and_what_is_generated_from_them(rendering, oracle, tmp_path, name):
    files = example_with_generated(name)
    assert assert_same(rendering, oracle, tmp_path, files, folders_of(files)) == len(folders_of(files))


def test_what_is_imported_and_generated(rendering, oracle, tmp_path, published_manifests):
    files = generated_files(imported_together(boutique_files(published_manifests)))
    assert assert_same(rendering, oracle, tmp_path, files, folders_of(files)) == len(folders_of(files))


def test_the_corpus(rendering, oracle, tmp_path):
    files = corpus()
    folders = [folder for folder in folders_of(files) if folder.endswith("/prod")]
    assert assert_same(rendering, oracle, tmp_path, files, folders) > 100


def test_the_truth_table_of_images(rendering, oracle, tmp_path):
    for number, row in enumerate(TABLE):
        write(tmp_path / str(number), row.files())
        (ours,) = rendered(rendering, row.files(), ["o"])
        theirs = oracle.build(tmp_path / str(number) / "o")
        if row.difference and oracle.differs(row.difference):
            assert theirs.text is not None
            assert yaml.safe_load(theirs.text) == yaml.safe_load(row.otherwise), row
        else:
            assert as_built(ours) == theirs, row


@pytest.mark.parametrize(
    ("difference", "field"),
    [
        ("an empty JSON patch needs no target", "patches: [{patch: '[]'}]"),
        ("a key that reads as a number is a text", "commonLabels: {1: a}"),
    ],
)
def test_what_some_versions_refuse(rendering, oracle, tmp_path, difference, field):
    files = {"o/kustomization.yaml": f"resources: [a.yaml]\n{field}\n", "o/a.yaml": TABLE[0].manifest}
    write(tmp_path, files)
    ours, theirs = as_built(rendered(rendering, files, ["o"])[0]), oracle.build(tmp_path / "o")
    if oracle.differs(difference):
        assert Built(None) in (ours, theirs)
        assert ours != theirs
    else:
        assert ours == theirs
