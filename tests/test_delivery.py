"""How far a release has come, from what the clusters say: never healthy on what was said of the release before."""

from typing import Any

import pytest

from onboarding_tool.delivery import PERSISTENT, SETTLED, Phase, Seen, State, Wanted, revision, state

OLD, OURS, LATER, FOREIGN = "a" * 40, "b" * 40, "c" * 40, "d" * 40
IMAGE = "registry.example/payments/app:v2.0.0"
BEFORE = "registry.example/payments/app:v1.9.3"
WANTED = Wanted(OURS, {("payments", "app"): IMAGE})


def contains(commit: str) -> bool | None:
    return None if commit == FOREIGN else commit in (OURS, LATER)


def application(commit: str = OURS, **status: Any) -> dict[str, Any]:
    """One that is synced and healthy at a commit; `status` replaces parts."""
    ended = {"phase": "Succeeded", "finishedAt": "2026-11-20T10:00:00Z", "syncResult": {"revision": commit}}
    whole = {
        "sync": {"status": "Synced", "revision": commit},
        "health": {"status": "Healthy"},
        "operationState": ended,
        "reconciledAt": "2026-11-20T10:00:01Z",
    }
    return {"metadata": {"name": "payments-prod"}, "status": whole | status}


def pod(image: str = IMAGE, name: str = "p", **more: Any) -> dict[str, Any]:
    spec = {"containers": [{"name": "app", "image": image}]}
    return {"metadata": {"name": name, "labels": {"app": "payments"}}, "spec": spec} | more


def deployment(image: str = IMAGE, replicas: int = 1, **status: Any) -> dict[str, Any]:
    counts = {"observedGeneration": 2, "replicas": 1, "updatedReplicas": 1, "availableReplicas": 1}
    return {
        "kind": "Deployment",
        "metadata": {"name": "payments", "generation": 2},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": "payments"}},
            "template": {"spec": {"containers": [{"name": "app", "image": image}]}},
        },
        "status": counts | status,
    }


def seen(app: dict[str, Any] | None = None, deploy: dict[str, Any] | None = None, *pods: dict[str, Any]) -> Seen:
    found = pods or (pod(),)
    return Seen(
        application() if app is None else app,
        {"payments": deployment() if deploy is None else deploy},
        {str(number): one for number, one in enumerate(found)},
    )


def judged(*parts: Any, wanted: Wanted = WANTED) -> State:
    return state(wanted, seen(*parts), contains)


def test_healthy_is_what_runs_as_wanted_and_lasts():
    assert judged() == State(Phase.HEALTHY, "app v2.0.0 runs in 1 pod", SETTLED)
    assert judged(application(LATER)).phase is Phase.HEALTHY
    assert revision(seen(application(LATER))) == LATER


@pytest.mark.parametrize("app", [application(OLD), application(""), {"metadata": {}}, application(FOREIGN)])
def test_synced_and_healthy_at_another_commit_says_nothing_of_ours(app):
    found = judged(app)
    assert found.phase is Phase.UNNOTICED
    assert found.final_after is None
    assert "bbbbbbbbbbbb" in found.message


def test_a_commit_that_this_clone_does_not_know_is_told():
    assert "does not know: `git fetch`" in judged(application(FOREIGN)).message


def test_no_application_is_waited_for():
    assert state(WANTED, Seen(), contains).phase is Phase.UNNOTICED


@pytest.mark.parametrize("commit", [OLD, OURS])
@pytest.mark.parametrize("kind", ["ComparisonError", "InvalidSpecError"])
def test_what_argo_cd_cannot_compare_fails_if_it_lasts(commit, kind):
    found = judged(application(commit, conditions=[{"type": kind, "message": "no\n  such path"}]))
    assert found == State(Phase.SYNC_FAILED, f"Argo CD says {kind}: no such path", PERSISTENT)


def test_a_warning_is_no_error():
    assert judged(application(conditions=[{"type": "SharedResourceWarning", "message": "x"}])).phase is Phase.HEALTHY


def test_a_sync_under_way_is_told_with_what_resists():
    failing = {"kind": "Service", "name": "payments", "status": "SyncFailed", "message": "not permitted in project"}
    hook = {"kind": "Job", "name": "migrate", "hookType": "PreSync", "hookPhase": "Failed", "message": "exit 1"}
    fine = {"kind": "Deployment", "name": "payments", "status": "Synced", "message": "configured"}
    running = {"phase": "Running", "retryCount": 2, "syncResult": {"resources": [fine, failing, hook]}}
    found = judged(application(operationState=running))
    assert found.phase is Phase.SYNCING
    assert found.message == (
        "Argo CD is syncing, try 3: Service payments: not permitted in project and the hook Job migrate: exit 1"
    )
    assert judged(application() | {"operation": {"sync": {}}}).phase is Phase.SYNCING


def test_a_failed_sync_of_ours_is_final_and_one_of_an_older_commit_is_not():
    failed = {"phase": "Failed", "message": "one or more objects failed", "syncResult": {"revision": OURS}}
    out_of_sync = {"status": "OutOfSync", "revision": OURS}
    found = judged(application(sync=out_of_sync, operationState=failed))
    assert found == State(Phase.SYNC_FAILED, "the sync failed: one or more objects failed", PERSISTENT / 2)
    older = judged(application(sync=out_of_sync, operationState=failed | {"syncResult": {"revision": OLD}}))
    assert older.phase is Phase.SYNCING
    assert older.final_after is None


def test_out_of_sync_waits_for_argo_cd_or_for_a_person():
    app = application(sync={"status": "OutOfSync", "revision": OURS})
    assert "about to sync" in judged(app).message
    by_hand = judged(app, wanted=Wanted(OURS, WANTED.images, is_automatic=False))
    assert by_hand == State(Phase.SYNCING, "a person must sync it: the environment has `sync: manual`")


def test_what_automatic_sync_refuses_fails():
    condition = {"type": "SyncError", "message": "auto-sync will wipe out all resources"}
    found = judged(application(sync={"status": "OutOfSync", "revision": OURS}, conditions=[condition]))
    assert (found.phase, found.final_after) == (Phase.SYNC_FAILED, PERSISTENT)
    assert "wipe out" in found.message


def test_health_from_before_the_sync_is_not_believed():
    assert judged(application(reconciledAt="2026-11-20T09:59:59Z")).phase is Phase.SYNCING


def test_healthy_is_not_believed_while_another_image_is_declared_or_runs():
    late = judged(None, deployment(BEFORE))
    assert late == State(Phase.PROGRESSING, "app of payments is to run v1.9.3, not v2.0.0")
    found = judged(None, None, pod(), pod(BEFORE, "q"))
    assert found == State(Phase.PROGRESSING, "1 pod of payments runs another image")


@pytest.mark.parametrize(
    "ending",
    [{"metadata": {"labels": {"app": "payments"}, "deletionTimestamp": "now"}}, {"status": {"phase": "Failed"}}],
)
def test_pods_that_end_do_not_count(ending):
    assert judged(None, None, pod(), pod(BEFORE, "q") | ending).phase is Phase.HEALTHY


def test_pods_of_others_do_not_count():
    other = pod(BEFORE, metadata={"name": "o", "labels": {"app": "orders"}})
    assert judged(None, None, pod(), other).phase is Phase.HEALTHY


@pytest.mark.parametrize(
    ("deploy", "message"),
    [
        (deployment(observedGeneration=1), "payments has not begun to roll"),
        (deployment(replicas=3), "payments rolls: 1 of 3 pods ready"),
        (deployment(availableReplicas=0), "payments rolls: 0 of 1 pod ready"),
        ({}, "there is no Deployment payments"),
    ],
)
def test_a_rollout_is_counted(deploy, message):
    parts = Seen(application(), {"payments": deploy} if deploy else {}, {"p": pod()})
    found = state(WANTED, parts, contains)
    assert (found.phase, found.message) == (Phase.PROGRESSING, message)


def waiting(reason: str, message: str = "") -> dict[str, Any]:
    said = {"name": "app", "state": {"waiting": {"reason": reason, "message": message}}}
    return pod(status={"phase": "Pending", "containerStatuses": [said]})


@pytest.mark.parametrize(
    ("one", "told"),
    [
        (waiting("ImagePullBackOff", 'Back-off pulling image "x"'), "ImagePullBackOff in app: Back-off pulling"),
        (waiting("CrashLoopBackOff"), "CrashLoopBackOff in app"),
        (
            pod(status={"conditions": [{"type": "PodScheduled", "reason": "Unschedulable", "message": "0/3 nodes"}]}),
            "no node takes a pod: 0/3 nodes",
        ),
    ],
)
def test_pods_say_why_they_do_not_run(one, told):
    found = judged(application(health={"status": "Progressing"}), deployment(availableReplicas=0), one)
    assert found.phase is Phase.PROGRESSING
    assert told in found.message


def crashed(**more: Any) -> dict[str, Any]:
    """A pod whose container runs again after a crash."""
    ended = {"terminated": {"reason": "Error", "exitCode": 1}}
    status = {"name": "app", "state": {"running": {}}, "ready": False, "restartCount": 2, "lastState": ended}
    return pod(status={"containerStatuses": [{**status, **more}]})


def test_a_container_that_runs_between_two_crashes_is_told():
    rolling = deployment(replicas=2, updatedReplicas=1)
    found = judged(None, rolling, crashed())
    assert found.message.endswith("app was started again 2 times after Error (exit code 1)")
    for harmless in (crashed(ready=True), crashed(restartCount=0, lastState={})):
        assert "again" not in judged(None, rolling, harmless).message


def test_a_container_that_is_being_made_is_no_reason():
    found = judged(None, deployment(availableReplicas=0), waiting("ContainerCreating"))
    assert found.message == "payments rolls: 0 of 1 pod ready"


def test_a_quota_is_told_though_there_is_no_pod():
    condition = {"type": "ReplicaFailure", "status": "True", "message": "exceeded quota: pods=40"}
    found = state(
        WANTED, Seen(application(), {"payments": deployment(availableReplicas=0, conditions=[condition])}), contains
    )
    assert "no pod of payments can be made: exceeded quota: pods=40" in found.message


def test_degraded_fails_if_it_lasts():
    condition = {"type": "Progressing", "reason": "ProgressDeadlineExceeded", "status": "False"}
    found = judged(application(health={"status": "Degraded"}), deployment(availableReplicas=0, conditions=[condition]))
    assert (found.phase, found.final_after) == (Phase.DEGRADED, PERSISTENT)
    assert "did not get ready in its time" in found.message


def test_suspended_is_neither_healthy_nor_failed():
    found = judged(application(health={"status": "Suspended", "message": "paused"}))
    assert found == State(Phase.SUSPENDED, "it is suspended: paused")


def test_other_objects_may_still_progress():
    found = judged(application(health={"status": "Progressing", "message": "waiting for a load balancer"}))
    assert found == State(Phase.PROGRESSING, "its health is Progressing: waiting for a load balancer")


@pytest.mark.parametrize(
    "nonsense",
    [{}, {"status": None}, {"status": []}, {"status": {"sync": "x", "conditions": [1], "operationState": 2}}],
)
def test_an_application_of_nonsense_is_not_noticed(nonsense):
    assert state(WANTED, Seen(nonsense, {"payments": {}}, {"p": {"spec": 1}}), contains).phase is Phase.UNNOTICED


def test_messages_are_one_short_line():
    found = judged(application(OURS, conditions=[{"type": "ComparisonError", "message": "x\n" * 1000}]))
    assert "\n" not in found.message
    assert len(found.message) < 400


def test_of_a_long_message_both_ends_are_told():
    message = f"it failed in apps/payments: {'because of ' * 100}no such file: nowhere.yaml"
    found = judged(application(OURS, conditions=[{"type": "ComparisonError", "message": message}]))
    assert "it failed in apps/payments" in found.message
    assert found.message.endswith("no such file: nowhere.yaml")
