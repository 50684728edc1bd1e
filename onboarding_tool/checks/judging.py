"""All rules, in the order of their names, and what they say of a repo.

A module of its own, since to load them all takes a tenth of a second: who needs one rule imports that one.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from onboarding_tool.checks import (
    api_name_mismatch,
    api_name_reserved,
    application_name_taken,
    argocd_annotation,
    autoscaler_without_target,
    base_missing,
    capability_unknown,
    cluster_unknown,
    component_missing,
    config_repo_not_at_root,
    container_missing,
    container_undeclared,
    deployment_missing,
    deployment_undeclared,
    environment_unknown,
    exception_expired,
    exception_not_allowed,
    exception_owner_unknown,
    exception_rule_unknown,
    file_missing,
    file_unexpected,
    generated_object_invalid,
    generated_stale,
    hpa_target_missing,
    image_digest_required,
    image_invalid,
    image_registry_not_allowed,
    image_repository_mismatch,
    image_tag_forbidden,
    image_tag_missing,
    image_tags_disagree,
    images_entry_unsafe,
    kind_forbidden,
    kustomization_field_forbidden,
    kustomization_invalid,
    kustomization_path_escapes,
    kustomization_path_missing,
    kustomization_path_remote,
    kustomize_annotation,
    kustomize_version_mismatch,
    legacy_base_ingress_missing,
    legacy_host_claimed_twice,
    manifest_invalid,
    manifest_unlisted,
    namespace_forbidden,
    namespace_manage_disagrees,
    namespace_mismatch,
    namespace_shared,
    object_invalid,
    overlay_missing,
    overlay_undeclared,
    ownership_label_foreign,
    patch_changes_image,
    path_case_collision,
    path_mode_forbidden,
    path_not_ascii,
    pod_privileged,
    quota_not_whole,
    record_chain_broken,
    record_rewritten,
    release_reverted,
    render_failed,
    render_timed_out,
    rendered_amount_invalid,
    rendered_argocd_annotation,
    rendered_bounds_crossed,
    rendered_config_map_invalid,
    rendered_kind_forbidden,
    rendered_label_foreign,
    rendered_namespace_foreign,
    rendered_object_claimed_twice,
    rendered_replicas_beside_hpa,
    rendered_secret_in_plaintext,
    rendered_variable_twice,
    rendered_workload_mismatch,
    replicas_beside_hpa,
    request_decided_already,
    request_digest_disagrees,
    request_field_forbidden,
    request_image_forbidden,
    request_not_accepted,
    request_not_added_alone,
    request_rollback_unknown,
    request_target_mismatch,
    route_claimed_twice,
    route_not_supported,
    route_prefix_reserved,
    route_service_missing,
    schema_invalid,
    secret_in_plaintext,
    service_selects_foreign_pods,
    team_unknown,
    tenant_unserved,
    tool_version_mismatch,
    yaml_alias,
    yaml_ambiguous_scalar,
    yaml_duplicate_key,
    yaml_invalid,
    yaml_tag,
)
from onboarding_tool.checks.facts.excepted import is_silenced
from onboarding_tool.checks.rule import DECLARED, REASONS, Need, Rule, Scope
from onboarding_tool.findings import Finding, Severity, Skipped
from onboarding_tool.model import Repo

RULES: tuple[Rule, ...] = (
    api_name_mismatch,
    api_name_reserved,
    application_name_taken,
    argocd_annotation,
    autoscaler_without_target,
    base_missing,
    capability_unknown,
    cluster_unknown,
    component_missing,
    config_repo_not_at_root,
    container_missing,
    container_undeclared,
    deployment_missing,
    deployment_undeclared,
    environment_unknown,
    exception_expired,
    exception_not_allowed,
    exception_owner_unknown,
    exception_rule_unknown,
    file_missing,
    file_unexpected,
    generated_object_invalid,
    generated_stale,
    hpa_target_missing,
    image_digest_required,
    image_invalid,
    image_registry_not_allowed,
    image_repository_mismatch,
    image_tag_forbidden,
    image_tag_missing,
    image_tags_disagree,
    images_entry_unsafe,
    kind_forbidden,
    kustomization_field_forbidden,
    kustomization_invalid,
    kustomization_path_escapes,
    kustomization_path_missing,
    kustomization_path_remote,
    kustomize_annotation,
    kustomize_version_mismatch,
    legacy_base_ingress_missing,
    legacy_host_claimed_twice,
    manifest_invalid,
    manifest_unlisted,
    namespace_forbidden,
    namespace_manage_disagrees,
    namespace_mismatch,
    namespace_shared,
    object_invalid,
    overlay_missing,
    overlay_undeclared,
    ownership_label_foreign,
    patch_changes_image,
    path_case_collision,
    path_mode_forbidden,
    path_not_ascii,
    pod_privileged,
    quota_not_whole,
    record_chain_broken,
    record_rewritten,
    release_reverted,
    render_failed,
    render_timed_out,
    rendered_amount_invalid,
    rendered_argocd_annotation,
    rendered_bounds_crossed,
    rendered_config_map_invalid,
    rendered_kind_forbidden,
    rendered_label_foreign,
    rendered_namespace_foreign,
    rendered_object_claimed_twice,
    rendered_replicas_beside_hpa,
    rendered_secret_in_plaintext,
    rendered_variable_twice,
    rendered_workload_mismatch,
    replicas_beside_hpa,
    request_decided_already,
    request_digest_disagrees,
    request_field_forbidden,
    request_image_forbidden,
    request_not_accepted,
    request_not_added_alone,
    request_rollback_unknown,
    request_target_mismatch,
    route_claimed_twice,
    route_not_supported,
    route_prefix_reserved,
    route_service_missing,
    schema_invalid,
    secret_in_plaintext,
    service_selects_foreign_pods,
    team_unknown,
    tenant_unserved,
    tool_version_mismatch,
    yaml_alias,
    yaml_ambiguous_scalar,
    yaml_duplicate_key,
    yaml_invalid,
    yaml_tag,
)

# Rules about what is declared: `onboard generate` refuses while one of them is broken.
DECLARATIONS = frozenset(rule.RULE for rule in RULES if rule.SCOPE in DECLARED)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong, and what could not be judged."""

    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...]

    def errors(self) -> int:
        return sum(finding.severity is Severity.ERROR for finding in self.findings)

    def passes(self, *, strict: bool) -> bool:
        """Strictly, a warning or a rule that could not be judged counts like an error."""
        return not (self.findings or self.skipped) if strict else not self.errors()


def run(
    repo: Repo,
    found_before: Iterable[Finding],
    scopes: frozenset[Scope] = frozenset(Scope),
    *,
    in_parts: bool = False,
) -> Verdict:
    """Every rule of these scopes over the repo, less what exceptions.yaml silences.

    `found_before`: what `load` found; and with `in_parts`, what `judge_part` found in every part of the repo.
    """
    kept = {finding for finding in found_before if not is_silenced(finding, repo)}
    skipped = []
    # What follows from the declarations is judged last: while those are wrong, it would only echo them.
    for rule in sorted(RULES, key=lambda rule: Need.SOUND_METADATA in rule.NEEDS):
        if rule.SCOPE not in scopes:
            continue
        if missing := rule.NEEDS - available(repo, kept):
            skipped.append(Skipped(rule.RULE, _reason(repo, min(missing))))
        elif not (in_parts and rule in OF_PARTS):
            kept |= {finding for finding in rule.check(repo) if not is_silenced(finding, repo)}
    return Verdict(tuple(sorted(kept)), tuple(sorted(skipped)))


def available(repo: Repo, found: Collection[Finding]) -> frozenset[Need]:
    """The needs that this repo, as loaded, meets."""
    needs = {
        Need.POLICY: repo.platform.read,
        Need.TEAMS: repo.teams_read,
        Need.SOUND_METADATA: repo.sound and not any(finding.rule in DECLARATIONS for finding in found),
        Need.HISTORY: repo.history is not None,
        Need.RENDERER: repo.renders is not None,
    }
    return frozenset(need for need, met in needs.items() if met)


def _reason(repo: Repo, missing: Need) -> str:
    """Why what is missing is missing: of history and renders, the caller knows better than we do."""
    told = {Need.HISTORY: repo.no_history, Need.RENDERER: repo.not_rendered}
    return told.get(missing) or REASONS[missing]


AT_ONCE = 25  # APIs: few enough for what the rules keep of each, and for their files to stay in memory
# Rules that look at the directory of one API and at the policy alone: a fleet's are judged part by part.
OF_PARTS = tuple(rule for rule in RULES if rule.SCOPE is Scope.API and rule.NEEDS <= {Need.POLICY})


def judge_part(repo: Repo) -> set[Finding]:
    """What those rules find in a repo of some APIs. Where an API has requests, they ask the history too."""
    met = available(repo, ())
    rules = [rule for rule in OF_PARTS if rule.NEEDS <= met]
    return {finding for some in _some_at_once(repo) for rule in rules for finding in rule.check(some)}


def _some_at_once(repo: Repo) -> Iterator[Repo]:
    """The repo, a few APIs at a time: what one rule has worked out of them is still kept when the next one asks."""
    if len(repo.apis) <= AT_ONCE:
        yield repo
        return
    names = iter(repo.apis)
    while some := {name: repo.apis[name] for name in islice(names, AT_ONCE)}:
        yield replace(repo, apis=some)


# Rules about the renders of one API; the others about renders judge their outlines.
OF_RENDERS = tuple(rule for rule in RULES if Need.RENDERER in rule.NEEDS and rule.SCOPE is Scope.API)


def judge_renders(repo: Repo) -> set[Finding]:
    """What the rules about single renders find in those that the repo has. With its findings and the outlines of all
    renders, `run` judges a repo whose renders are nowhere together.
    """
    met = available(repo, ())
    return {finding for rule in OF_RENDERS if rule.NEEDS <= met for finding in rule.check(repo)}


def find(name: str) -> Rule | None:
    """The rule of this name."""
    return next((rule for rule in RULES if rule.RULE == name), None)
