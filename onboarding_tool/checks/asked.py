"""What release requests ask for, for the rules that judge it and for the decision that follows."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from onboarding_tool.findings import Finding, Who
from onboarding_tool.images import Image, canonical
from onboarding_tool.model import Api, Record, Repo, Request


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


def same_image(one: Image, other: Image) -> bool:
    """Whether two references name the same image, however Docker Hub's are written."""
    return one.renamed(canonical(one.name)) == other.renamed(canonical(other.name))
