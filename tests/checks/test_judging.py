"""What `run` makes of the rules: which are judged, which are skipped and why, and what exceptions.yaml silences."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from onboarding_tool import generators, load
from onboarding_tool.checks import judging
from onboarding_tool.checks.facts import excepted
from onboarding_tool.checks.judging import RULES, Verdict
from onboarding_tool.checks.rule import NEVER_EXCUSED, REASONS, Need, Scope
from onboarding_tool.findings import Finding, Severity, Skipped
from onboarding_tool.model import Renders, Repo, RuleException
from onboarding_tool.tree import Tree, changed, tree_of
from tests.support.broken import broken_trees
from tests.support.repos import edited, good, second_api
from tests.test_releases import Told

METADATA = "apps/payments/metadata.yaml"
OVERLAY = "apps/payments/overlays/prod/kustomization.yaml"
STAGING = "apps/payments/overlays/staging/kustomization.yaml"
FIELDS = ("rule", "path", "reason", "owner", "expiry")


def tree_with(files: dict[str, str]) -> Tree:
    """The files, and what is generated from them."""
    tree = tree_of(files)
    wanted = generators.generate(load.load(tree)[0])
    return changed(tree, generators.changes(tree, wanted))


def loaded(tree: Tree, **fields: object) -> tuple[Repo, list[Finding]]:
    repo, findings = load.load(tree)
    fixed: dict[str, object] = {"today": "2026-11-20", "history": Told(), "renders": Renders()}
    return replace(repo, **fixed | fields), findings  # type: ignore[arg-type]


def run(files: dict[str, str], **fields: object) -> Verdict:
    return judging.run(*loaded(tree_with(files), **fields))


def rules(verdict: Verdict) -> set[str]:
    return {finding.rule for finding in verdict.findings}


def excused(rule: str, path: str, expiry: str = "2026-12-31", owner: str = "platform-team") -> str:
    values = (rule, path, "We know.", owner, f'"{expiry}"')
    entry = "\n    ".join(f"{key}: {value}" for key, value in zip(FIELDS, values, strict=True))
    return f"apiVersion: onboarding/v1\nkind: RuleExceptions\nexceptions:\n  - {entry}\n"


def latest(*paths: str) -> dict[str, str]:
    """A good repo in which these overlays use a forbidden tag."""
    files = good()
    for path in paths:
        files = edited(path, "newTag: v1.9.3", "newTag: latest", files)
    return files


def needing(need: Need) -> set[str]:
    return {rule.RULE for rule in RULES if need in rule.NEEDS}


# What is judged


def test_a_good_repo_passes_strictly():
    assert run(good()) == Verdict((), ())
    assert run(good()).passes(strict=True)


def test_rules_are_listed_once_and_have_what_they_need():
    names = [rule.RULE for rule in RULES]
    assert len(set(names)) == len(names)
    for rule in RULES:
        assert isinstance(rule.SCOPE, Scope)
        assert set(Need) >= rule.NEEDS
        assert judging.find(rule.RULE) is rule
    assert judging.find("nothing") is None
    assert set(names) >= NEVER_EXCUSED


@pytest.mark.parametrize("scope", Scope)
def test_only_rules_of_the_scopes_are_judged(scope):
    files = latest(OVERLAY) | {"apps/payments/base/extra.yaml": "a: 1\n"}
    files = edited(METADATA, "team: payments-team", "team: nobody", files)
    repo, findings = loaded(tree_of(files), history=None)
    verdict = judging.run(repo, findings, frozenset({scope}))
    of_scope = {rule.RULE for rule in RULES if rule.SCOPE is scope}
    assert rules(verdict) <= of_scope
    assert {item.rule for item in verdict.skipped} <= of_scope
    alone = of_scope - needing(Need.SOUND_METADATA)  # whose judging depends on what the others found
    assert rules(verdict) & alone == rules(judging.run(repo, findings)) & alone


def test_what_load_found_is_part_of_every_verdict():
    repo, findings = loaded(tree_of(good() | {OVERLAY: "a: ["}))
    assert {finding.path for finding in findings} == {OVERLAY}
    assert set(judging.run(repo, findings, frozenset()).findings) == set(findings)


def test_findings_are_sorted_and_each_stands_once():
    repo, findings = loaded(tree_with(latest(OVERLAY, STAGING)))
    verdict = judging.run(repo, [*findings, *findings])
    assert list(verdict.findings) == sorted(set(verdict.findings))
    assert [finding.path for finding in verdict.findings] == [OVERLAY, STAGING]


# What is skipped


def test_without_a_history_its_rules_are_skipped():
    verdict = run(good(), history=None)
    assert {item.rule for item in verdict.skipped} == needing(Need.HISTORY)
    assert {item.reason for item in verdict.skipped} == {REASONS[Need.HISTORY]}
    assert verdict.passes(strict=False)
    assert not verdict.passes(strict=True)


def test_the_caller_may_know_why_there_is_no_history():
    reasons = {item.reason for item in run(good(), history=None, no_history="this clone is shallow").skipped}
    assert reasons == {"this clone is shallow"}


def test_without_a_policy_nothing_is_judged_by_it():
    repo, findings = loaded(tree_of(good() | {"platform.yaml": "a: ["}))
    verdict = judging.run(repo, findings)
    assert {item.rule for item in verdict.skipped} >= needing(Need.POLICY)
    assert {finding.path for finding in verdict.findings} == {"platform.yaml"}
    assert "platform.yaml cannot be read" in " ".join(item.reason for item in verdict.skipped)


@pytest.mark.parametrize("path", ["teams.yaml", METADATA])
def test_nothing_is_compared_with_what_broken_declarations_would_generate(path):
    tree = changed(tree_with(good()), {path: b"a: ["})
    verdict = judging.run(*loaded(tree))
    assert {item.rule for item in verdict.skipped} >= needing(Need.SOUND_METADATA)
    assert "generated-stale" not in rules(verdict)


def test_nor_with_what_wrong_declarations_would_generate():
    files = edited(METADATA, "team: payments-team", "team: nobody")
    verdict = judging.run(*loaded(tree_of(files)))
    assert rules(verdict) == {"team-unknown"}
    assert {item.rule for item in verdict.skipped} == needing(Need.SOUND_METADATA)


def test_a_skipped_rule_finds_nothing():
    repo, findings = loaded(tree_of(good() | {"platform.yaml": "a: ["}), history=None)
    verdict = judging.run(repo, findings)
    assert rules(verdict).isdisjoint({item.rule for item in verdict.skipped})


# What is silenced


def test_an_exception_silences_its_rule_in_its_file():
    files = latest(OVERLAY, STAGING)
    assert [finding.path for finding in run(files).findings] == [OVERLAY, STAGING]
    verdict = run(files | {"exceptions.yaml": excused("image-tag-forbidden", OVERLAY)})
    assert [finding.path for finding in verdict.findings] == [STAGING]
    assert not verdict.passes(strict=False)


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ("image-tag-missing", OVERLAY),
        ("image-tag-forbidden", STAGING),
        ("image-tag-forbidden", "apps/payments/overlays/prod"),
        ("image-tag-forbidden", METADATA),
    ],
)
def test_another_rule_or_path_silences_nothing(rule, path):
    verdict = run(latest(OVERLAY) | {"exceptions.yaml": excused(rule, path)})
    assert ("image-tag-forbidden", OVERLAY) in {(finding.rule, finding.path) for finding in verdict.findings}


@pytest.mark.parametrize(
    ("expiry", "silenced"), [("2026-11-21", True), ("2026-11-20", True), ("2026-11-19", False), ("2025-12-31", False)]
)
def test_an_exception_holds_until_its_last_day(expiry, silenced):
    files = latest(OVERLAY) | {"exceptions.yaml": excused("image-tag-forbidden", OVERLAY, expiry)}
    expected = set() if silenced else {"image-tag-forbidden", "exception-expired"}
    assert rules(run(files)) == expected


def test_findings_of_load_can_be_silenced_as_well():
    text = good()["apps/payments/base/hpa.yaml"] + "---\na: &a 1\n"
    repo, findings = loaded(tree_of(good() | {"apps/payments/base/hpa.yaml": text}))
    (found,) = findings
    exception = RuleException(found.rule, found.path, "We know.", "platform-team", "2026-12-31")
    kept = judging.run(replace(repo, exceptions=(exception,)), findings, frozenset()).findings
    assert kept == ((found,) if found.rule in NEVER_EXCUSED else ())


@pytest.mark.parametrize("rule", sorted(NEVER_EXCUSED))
def test_what_all_else_rests_on_is_never_silenced(rule):
    found = Finding("teams.yaml", 1, 1, rule, "m")
    repo, _ = loaded(tree_of(good()))
    repo = replace(repo, exceptions=(RuleException(rule, "teams.yaml", "r", "platform-team", "2026-12-31"),))
    assert judging.run(repo, [found], frozenset()).findings == (found,)


def test_what_is_wrong_with_the_exceptions_cannot_be_silenced_by_one():
    unknown = excused("no-such-rule", OVERLAY)
    silencer = excused("exception-rule-unknown", "exceptions.yaml").partition("exceptions:\n")[2]
    verdict = run(good() | {"exceptions.yaml": unknown + silencer})
    assert "exception-rule-unknown" in rules(verdict)
    found = Finding("exceptions.yaml", 1, 1, "image-tag-forbidden", "m")
    repo, _ = loaded(tree_of(good()))
    entry = RuleException("image-tag-forbidden", "exceptions.yaml", "r", "platform-team", "2026-12-31")
    assert judging.run(replace(repo, exceptions=(entry,)), [found], frozenset()).findings == (found,)


def test_an_exception_covers_one_rule_in_one_file():
    exception = RuleException("r", "a/b", "", "", "")
    assert excepted.covers(exception, Finding("a/b", 9, 9, "r", "m"))
    assert not excepted.covers(exception, Finding("a/b/c", 9, 9, "r", "m"))
    assert not excepted.covers(exception, Finding("a/b", 9, 9, "s", "m"))


# What it comes to

ERROR, WARNING = Finding("a", 1, 1, "r", "m"), Finding("a", 1, 1, "r", "m", severity=Severity.WARNING)


@pytest.mark.parametrize(
    ("findings", "skipped", "passes", "strictly"),
    [
        ((), (), True, True),
        ((WARNING,), (), True, False),
        ((), (Skipped("r", "why"),), True, False),
        ((ERROR,), (), False, False),
        ((WARNING, ERROR), (), False, False),
    ],
)
def test_passing(findings, skipped, passes, strictly):
    verdict = Verdict(findings, skipped)
    assert verdict.passes(strict=False) is passes
    assert verdict.passes(strict=True) is strictly
    assert verdict.errors() == findings.count(ERROR)


# Some APIs at once


@settings(max_examples=40)
@given(broken_trees())
def test_how_many_apis_are_looked_at_together_makes_no_difference(tree):
    repo, _ = loaded(tree)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judging, "AT_ONCE", 1)
        one_by_one = judging.judge_part(repo)
    assert one_by_one == judging.judge_part(repo)


def test_what_is_wrong_in_each_of_several_parts_is_found():
    files = edited("apps/payments/metadata.yaml", "deployment: payments", "deployment: paymens") | second_api()
    files["apps/README.md"] = ""
    for number in range(judging.AT_ONCE):
        files |= {
            path: text.replace("deployment: ", "deployment: x") for path, text in second_api(f"api-{number}").items()
        }
    found = judging.judge_part(loaded(tree_of(files))[0])
    assert len([finding for finding in found if finding.rule == "deployment-missing"]) > judging.AT_ONCE
    assert [finding.path for finding in found if finding.rule == "file-unexpected"] == ["apps/README.md"]


# Whatever is broken


@settings(max_examples=60)
@given(broken_trees())
def test_no_rule_raises_and_none_points_nowhere(tree):
    verdict = judging.run(*loaded(tree))
    for finding in verdict.findings:
        assert finding.line >= 1
        assert finding.column >= 1
        assert finding.message
        assert finding.rule in {rule.RULE for rule in RULES}
    assert not rules(verdict) & {item.rule for item in verdict.skipped}
