"""Two hundred changes that are right, however they are written: a gate that cries wolf is soon switched off."""

import random
from collections import Counter
from collections.abc import Iterator

import pytest
import yaml

from onboarding_tool import legacy, scaffold
from onboarding_tool.edits import lifecycle, team
from onboarding_tool.gate.case import Kind
from onboarding_tool.model import Member
from onboarding_tool.tree import Changes
from tests.support.imports import DEPLOYMENT as EXPORTED
from tests.support.pulls import KIM, rules
from tests.support.repos import repo_of
from tests.support.small_fleet import (
    APIS,
    DIGEST,
    ENVIRONMENTS,
    REGISTRY,
    Difference,
    Text,
    Wish,
    difference,
    fleet,
    owner,
    pulls_of,
    reference,
    regenerated,
    request_path,
    wishes,
)

SEEDS = (0, 1, 2, 3)
OF_EACH = 50
APP = "- name: REGISTRY/NAME/app\n    newTag: v1.9.3 # the last good one\n"
# One entry, and what people write around it.
IMAGES = (
    APP,
    '- name: "REGISTRY/NAME/app"\n    newTag: "v1.9.3"\n',
    "- {name: REGISTRY/NAME/app, newTag: v1.9.3}\n",
    "- {name: REGISTRY/NAME/app, newTag: 'v1.9.3'}\n",
    "-   newTag: v1.9.3\n      name: REGISTRY/NAME/app\n",
    f"- name: REGISTRY/NAME/app\n    newTag: v1.9.3\n    digest: {DIGEST}\n",
    f"- name: REGISTRY/NAME/app\n\n    # pinned\n    digest: {DIGEST}\n",
    "- name: REGISTRY/NAME/app\n    newName: REGISTRY/NAME/app\n    newTag: v1.9.3\n",
    "- name: REGISTRY/NAME/proxy\n    newTag: v1.0.0\n  - name: REGISTRY/NAME/app\n    newTag: v1.9.3\n",
)
VERSIONS = ("v2.0.0", "2026-11-20", "1.10", "v2.0.0-rc.1", "0123456", "1e3", "sha-0f9c2d1", DIGEST, f"v2.0.0@{DIGEST}")


def written(files: Text, seed: int) -> Text:
    """The same config repo, its overlays written by different people."""
    random_ = random.Random(seed)
    found = dict(files)
    for name in APIS:
        for environment in ENVIRONMENTS:
            path = f"apps/{name}/overlays/{environment}/kustomization.yaml"
            before = APP.replace("REGISTRY", REGISTRY).replace("NAME", name)
            assert before in found[path]
            if any(other.startswith(f"apps/{name}/re") for other in files):
                continue  # what waits or was released says what runs
            style = random_.choice(IMAGES).replace("REGISTRY", REGISTRY).replace("NAME", name)
            found[path] = found[path].replace(before, style)
    return found


def now(files: Text, name: str, environment: str, container: str) -> str:
    """The image that is declared, as the overlay says it."""
    repository = reference(name, "", container).rstrip(":")
    overlay = yaml.safe_load(files[f"apps/{name}/overlays/{environment}/kustomization.yaml"])
    for entry in overlay["images"]:
        if entry["name"] == repository:
            tag, digest = entry.get("newTag"), entry.get("digest")
            return repository + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")
    return f"{repository}:v1.0.0"


def asked(files: Text, random_: random.Random, token: str) -> Wish:
    """Requests of one API for one or several environments and slots, said in as many words as somebody likes."""
    name = random_.choice([name for name in APIS if not any(f"apps/{name}/requests/" in path for path in files)])
    places = [(environment, container) for environment in ENVIRONMENTS for container in ("app", "proxy")]
    found = {}
    for number, (environment, container) in enumerate(random_.sample(places, random_.choice((1, 1, 2, 3)))):
        said = {
            "apiVersion": "onboarding/v1",
            "kind": "ReleaseRequest",
            "api_name": name,
            "environment": environment,
            "namespace": name if environment == "prod" else f"{name}-{environment}",
            "deployment": name,
            "container": random_.choice(("app", "migrate")) if container == "app" else "proxy",
        }
        repository = reference(name, "", container).rstrip(":")
        version = random_.choice(
            [each for each in VERSIONS if not now(files, name, environment, container).endswith(each)]
        )
        said["target_image"] = repository + ("@" if version.startswith("sha256:") else ":") + version
        if random_.randrange(2):
            said["expected_current"] = now(files, name, environment, container)
        if random_.randrange(2):
            said["reason"] = random_.choice(("CHG-1: more", "новые правила \u2713", 'it "works": yes # really'))
        rows = list(said.items())
        random_.shuffle(rows)
        style = {"default_flow_style": random_.choice((False, False, True)), "allow_unicode": True}
        text = yaml.safe_dump(dict(rows), sort_keys=False, width=1000, **style)
        found[request_path(name, environment, f"{token}{number}")] = random_.choice(("", "# asked\n\n")) + text
    return Wish("a request", owner(name), found)


# Platform changes


def of_commands(files: Text) -> Iterator[tuple[str, Difference]]:
    """What the commands of the platform team write."""
    repo = repo_of(files)
    new = scaffold.Wish("fresh", "customer-a", "payments-team", f"{REGISTRY}/fresh/app:v1", 8080)
    yield "api add", _texts(scaffold.add_api(repo, new))
    hosted = scaffold.Wish(
        "hosted", "customer-b", "orders-team", f"{REGISTRY}/hosted/app:v1", 80, legacy_hosts=("hosted.example.com",)
    )
    yield "api add with a host", _texts(scaffold.add_api(repo, hosted))
    yield "team add", _texts(team.add_team(repo, "more-team", "acme/more", ["customer-d"], [Member("mo", 7)]))
    yield (
        "team add a member",
        _texts(team.add_team(repo, "orders-team", None, [], [Member("mo", 7), Member("ed", None)])),
    )
    export = {"export.yaml": EXPORTED.replace("payments", "running").encode()}
    running = legacy.Wish("running", "customer-c", "search-team")
    yield "api import", _texts(legacy.import_api(repo, export, running).changes)
    quiet = [name for name in APIS if not any(f"apps/{name}/requests/" in path for path in files)]
    for name in quiet[:2]:
        yield f"api retire {name}", _texts(lifecycle.retire(repo, repo.apis[name]))


def _texts(changes: Changes) -> Difference:
    return {path: None if data is None else data.decode() for path, data in changes.items()}


def with_edit(files: Text, edit: Difference) -> Text:
    return regenerated({path: text for path, text in (files | edit).items() if text is not None})


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_right_is_accepted(tmp_path, seed):
    random_ = random.Random(seed)
    plain = fleet(seed)
    files = written(plain, seed)
    pulls, of_plain = (pulls_of(each, tmp_path / str(number)) for number, each in enumerate((files, plain)))
    found = [(pulls, asked(files, random_, f"f{number:02x}")) for number in range(OF_EACH // 2)]
    for name, edit in of_commands(files):
        found.append((pulls, Wish(f"platform: {name}", KIM, difference(files, with_edit(files, edit)))))
    found += [(of_plain, wish) for wish in random_.sample(wishes(plain, seed), OF_EACH - len(found))]
    wrong = []
    counted: Counter[Kind] = Counter()
    for repository, wish in found:
        verdict = repository.judged(wish.files, wish.author)
        counted[verdict.kind] += 1
        if not verdict.passes:
            wrong.append((wish.name, dict(wish.files), verdict.findings, verdict.skipped))
    assert "\n".join(map(str, wrong)) == ""
    assert len(found) == OF_EACH
    assert min(counted[kind] for kind in (Kind.REQUEST, Kind.TENANT, Kind.PLATFORM)) >= 2


def test_an_api_goes_in_two_changes_and_not_in_one(tmp_path):
    files = fleet(0)
    pulls = pulls_of(files, tmp_path / "config.git")
    retiring = with_edit(files, _texts(lifecycle.retire(repo_of(files), repo_of(files).apis["carts"])))
    first = pulls.commit(difference(files, retiring), pulls.base)
    assert pulls.verdict(first, KIM).passes
    removed = with_edit(retiring, _texts(lifecycle.remove(repo_of(retiring), repo_of(retiring).apis["carts"])))
    assert pulls.judged(difference(retiring, removed), KIM, base=first).passes
    assert rules(pulls.judged(difference(files, removed), KIM)) == {"retirement-skipped"}
