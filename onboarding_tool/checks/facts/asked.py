"""What release requests ask for, for the rules that judge it and for the decision that follows."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from onboarding_tool import slots
from onboarding_tool.findings import Finding, Who
from onboarding_tool.history import Arrival
from onboarding_tool.images import Image, canonical
from onboarding_tool.model import Api, Record, Repo, Request, mapping, text
from onboarding_tool.same import Same
from onboarding_tool.slots import Running

KEPT = 16  # changes whose files are kept: the requests of a fleet came with few of them


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a request cannot be granted. `key`: the field it is about; "" if it is about the file."""

    key: str
    problem: str
    hint: str

    @property
    def sentence(self) -> str:
        return f"{self.problem}. {self.hint}".strip()


Judge = Callable[[Repo, Api, Request], Iterable[Objection]]


def findings(repo: Repo, rule: str, judge: Judge, who: Who = Who.APP_TEAM) -> Iterator[Finding]:
    """What `judge` objects to in each pending request of each API."""
    for api in repo.apis.values():
        for request in api.requests:
            for objection in judge(repo, api, request):
                at = (objection.key,) if objection.key else ()
                yield repo.finding(rule, request.path, objection.problem, objection.hint, at=at, who=who)


def record_of(api: Api, request: Request) -> Record | None:
    """The record that decided this request, by the id in its file's name: what the file says may be unreadable."""
    return next((record for record in api.records if record.path.endswith(f"-{request.id[:16]}.yaml")), None)


def position(repo: Repo, request: Request) -> int | None:
    """Its place in the order of arrival; None if no commit holds it. Without history all arrived together."""
    if repo.history is None:
        return 0
    arrival = repo.history.arrival(request.path)
    return None if arrival is None else arrival.position


def meant(api: Api, request: Request) -> Running | None:
    """The container that a request names; None if there is none such."""
    return named(api, request.environment, request.get("deployment"), request.get("container"))


def named(api: Api, environment: str, deployment: str, container: str) -> Running | None:
    """A container of an environment by its names."""
    there = slots.running(api, environment)
    return next((one for one in there if (one.deployment, one.container) == (deployment, container)), None)


def came_beside(repo: Repo, api: Api, request: Request) -> list[str]:
    """Other requests for the same slot and environment that the same change brought, decided or not."""
    arrival = repo.history.arrival(request.path) if repo.history else None
    mine = meant(api, request)
    if arrival is None or mine is None:
        return []
    changes = _changes(Same(arrival))
    asked = ((path, one) for path, one in _asked_for(api, request.environment) if path != request.path)
    return [path for path, one in asked if one.written.name == mine.written.name and ("A", path) in changes]


@lru_cache(KEPT)
def _changes(arrival: Same[Arrival]) -> frozenset[tuple[str, str]]:
    """Of the commit that a fleet began with there are 100,000, and each of its requests asks for a few."""
    return frozenset(arrival.value.changes)


def _asked_for(api: Api, environment: str) -> Iterator[tuple[str, Running]]:
    """The requests that name a container, and that one. What is decided says it in its record."""
    waiting = {one.path: mapping(one.value) for one in api.requests if one.environment == environment}
    decided = {
        text(one.value.get("request_path")): mapping(one.value.get("request")) for one in api.records_in(environment)
    }
    for path, said in sorted((decided | waiting).items()):
        one = named(api, environment, text(said.get("deployment")), text(said.get("container")))
        if one is not None:
            yield path, one


def same_image(one: Image, other: Image) -> bool:
    """Whether two references name the same image, however Docker Hub's are written."""
    return one.renamed(canonical(one.name)) == other.renamed(canonical(other.name))


def same_version(one: Image, other: Image) -> bool:
    """Whether two references name the same image as far as they tell: where one has no digest, by their tags."""
    if canonical(one.name) != canonical(other.name):
        return False
    if one.digest and other.digest:
        return one.digest == other.digest
    return one.tag is not None and one.tag == other.tag
