"""A rule finds the same whether its scope or everything was loaded: so that what declares less can be trusted."""

from onboarding_tool import load
from onboarding_tool.checks import judging
from onboarding_tool.checks.rule import DECLARED, Scope
from onboarding_tool.tree import tree_of
from tests.support.repos import edited, good, second_api


def test_rules_about_declarations_need_no_bases_or_overlays():
    files = good() | second_api("tenant-x")
    files = edited("apps/payments/metadata.yaml", "team: payments-team", "team: nobody", files)
    full, found = load.load(tree_of(files))
    slim, found_slim = load.load(tree_of(files), depth=load.Depth.METADATA)
    assert found == found_slim == []
    assert judging.run(full, (), DECLARED) == judging.run(slim, (), DECLARED)
    rules = {finding.rule for finding in judging.run(slim, (), DECLARED).findings}
    assert {"team-unknown", "api-name-reserved"} <= rules


def test_rules_about_one_api_find_the_same_when_only_it_is_loaded():
    path = "apps/payments/overlays/prod/kustomization.yaml"
    files = edited(path, "newTag: v1.9.3", "newTag: latest", good() | second_api())
    scopes = frozenset({Scope.DECLARATION, Scope.API})
    everything = judging.run(load.load(tree_of(files))[0], (), scopes).findings
    one = judging.run(load.load(tree_of(files), ["payments"])[0], (), scopes).findings
    assert [finding for finding in everything if "payments" in finding.path] == list(one)
    assert {finding.rule for finding in one} == {"image-tag-forbidden"}
