"""GitHub, as one pull request: plain values out, sentences instead of PyGithub's errors. The only importer of github.

PyGithub brings the credentials, holds the connection, repeats what may be repeated and follows a repository that was
renamed. Its objects are not used: what they lack they fetch by themselves, from addresses that the answer names.
Here each call is one method and one path of ours. It takes a quarter of a second to import, so only the command that
needs GitHub does.
"""

import ipaddress
import logging
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, Self
from urllib.parse import urlsplit

import github
from github.GithubRetry import GithubRetry

from onboarding_tool import __version__
from onboarding_tool.adapters.commenting import LATER, LONGEST_WAIT, Clock, Pull, UnansweredError
from onboarding_tool.errors import OnboardingError, TimedOutError, UsageError, WorldError
from onboarding_tool.gate.author import Author
from onboarding_tool.gate.comment import Comment
from onboarding_tool.gate.reviews import Review
from onboarding_tool.report import visible

API = "https://api.github.com"
TOKENS = ("GITHUB_TOKEN", "GH_TOKEN")
TOKEN = re.compile(r"[!-~]{1,1000}")  # as a header may hold it; of anything else requests' error would show it
REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}")
TIMEOUT = 15  # seconds until a connection stands, and between two signs of life on it
REPEATS = 4  # of a call that only reads
BACKOFF = 0.5  # seconds, twice as long each time from the second repeat on
LIMITED_WAIT = 60.0  # seconds, where GitHub says that it is too much and not for how long
PER_PAGE = 100
PAGES = 100  # of one list; GitHub keeps fewer comments than that
SHOWN = 200  # characters of what GitHub says
UNAUTHORIZED, FORBIDDEN, NOT_FOUND, GONE, LIMITED = 401, 403, 404, 410, 429
BROKEN = range(500, 600)

Value = Mapping[str, Any]

# PyGithub writes to stderr what it makes of an answer, in the words of the answer.
logging.getLogger("github").handlers = [logging.NullHandler()]
logging.getLogger("github").propagate = False


@dataclass(frozen=True, slots=True)
class Access:
    """Where the API is, and who asks. The token stands in no text of ours, also not in this one's."""

    url: str
    token: str

    def __repr__(self) -> str:
        return f"Access({self.url!r})"


def access() -> Access:
    """Of the environment, as GitHub Actions sets it. Raises WorldError."""
    token = next(filter(None, (os.environ.get(name, "").strip() for name in TOKENS)), "")
    if not token:
        hint = "In a workflow: `env: {GITHUB_TOKEN: ${{ github.token }}}`, with `permissions: {pull-requests: write}`."
        raise WorldError("there is no token: GITHUB_TOKEN is not set, nor is GH_TOKEN", hint)
    if not TOKEN.fullmatch(token):
        raise WorldError("GITHUB_TOKEN or GH_TOKEN holds what no token holds", "A token is one word of plain letters.")
    return Access(_api(os.environ.get("GITHUB_API_URL", "").strip() or API), token)


def _api(url: str) -> str:
    """Raises WorldError for an address to which no token may be sent."""
    hint = "It is https://api.github.com, or https://HOST/api/v3 of a GitHub of your own."
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise WorldError("GITHUB_API_URL is no address", hint) from None
    if not host or port == 0 or parts.query or parts.fragment or parts.username is not None or not url.isascii():
        raise WorldError("GITHUB_API_URL is no address of an API", hint)
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(host)):
        raise WorldError("GITHUB_API_URL is not https, and the token would be sent to it", hint)
    return url.rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def repository(name: str) -> str:
    """Raises UsageError for what is no OWNER/REPOSITORY."""
    if not REPOSITORY.fullmatch(name):
        raise UsageError(f"--repo: {name!r} is not OWNER/REPOSITORY", "For example --repo acme/onboarding-config.")
    return name


class _Retry(GithubRetry):
    """It waits by our clock, and never longer than that permits."""

    clock: Clock

    def new(self, **changes: Any) -> Self:
        made = super().new(**changes)
        made.clock = self.clock
        return made

    def sleep(self, response: Any = None) -> None:
        asked = self.get_retry_after(response) if response is not None else None
        if asked is None and response is not None and response.status == LIMITED:
            asked = LIMITED_WAIT
        self.clock.pause(self.get_backoff_time() if asked is None else asked)


def _retry(clock: Clock) -> _Retry:
    retry = _Retry(
        total=REPEATS,
        allowed_methods={"GET", "HEAD"},
        status_forcelist=[*BROKEN, LIMITED],
        max_rate_limit_wait=LONGEST_WAIT,
        secondary_rate_wait=LIMITED_WAIT,
        backoff_factor=BACKOFF,
    )
    retry.clock = clock
    return retry


class GitHubPull:
    """A pull request on GitHub."""

    def __init__(self, access: Access, repository: str, number: int, clock: Clock) -> None:
        self._token, self._clock = access.token, clock
        self._repo, self._number = f"/repos/{repository}", number
        self._name = f"{repository}#{number}"
        if urlsplit(access.url).scheme == "http":
            os.environ["no_proxy"] = "*"  # what is on this machine needs no proxy, which would see the token
        self._requester = github.Github(
            auth=github.Auth.Token(access.token),
            base_url=access.url,
            timeout=TIMEOUT,
            user_agent=f"onboarding-tool/{__version__}",
            per_page=PER_PAGE,
            retry=_retry(clock),
            lazy=True,
            # Our own clock sees to that.
            seconds_between_requests=None,
            seconds_between_writes=None,
        ).requester

    def pull(self) -> Pull:
        value = _mapping(self._ask("GET", f"/pulls/{self._number}"))
        merged = value.get("merge_commit_sha")
        return Pull(
            _author(value.get("user")), _text(_mapping(value.get("head")), "sha"), merged if type(merged) is str else ""
        )

    def knows(self, commit: str) -> bool:
        try:
            self._ask("GET", f"/commits/{commit}", {"per_page": 1})
        except _MissingError:
            return False
        except _ForbiddenError:
            return True  # it cannot be told, and a token for comments need not see commits
        return True

    def reviews(self) -> list[Review]:
        found = self._listed(f"/pulls/{self._number}/reviews")
        # Of an account that was deleted nothing is known, and a review of no commit is of none that counts.
        return [
            Review(_author(one["user"]), _text(one, "state"), str(one.get("commit_id")))
            for one in found
            if one.get("user")
        ]

    def comments(self) -> list[Comment]:
        return [_comment(one) for one in self._listed(f"/issues/{self._number}/comments")]

    def create(self, body: str) -> Comment:
        return _comment(_mapping(self._ask("POST", f"/issues/{self._number}/comments", {}, {"body": body})))

    def edit(self, comment: int, body: str) -> None:
        try:
            _comment(_mapping(self._ask("PATCH", f"/issues/comments/{comment}", {}, {"body": body})))
        except _MissingError as error:
            raise UnansweredError(error.message) from None  # somebody deleted it since: look again

    def delete(self, comment: int) -> None:
        try:
            self._ask("DELETE", f"/issues/comments/{comment}")
        except _MissingError:
            return

    def _listed(self, path: str) -> Iterator[Value]:
        for page in range(1, PAGES + 1):
            found = self._ask("GET", path, {"per_page": PER_PAGE, "page": page})
            if not isinstance(found, list):
                raise _unreadable("a list is missing")
            yield from map(_mapping, found)
            if len(found) < PER_PAGE:
                return
        raise WorldError(
            f"{self._name} has more than {PAGES * PER_PAGE:,} comments or reviews", "Close it, open another."
        )

    def _ask(self, verb: str, path: str, query: dict[str, Any] | None = None, body: Value | None = None) -> Any:
        """The answer as plain values. Raises UnansweredError, WorldError."""
        self._clock.pause(0)
        try:
            _, value = self._requester.requestJsonAndCheck(verb, self._repo + path, query, input=body)
        except OnboardingError:
            raise
        except github.GithubException as error:
            self._refuse(error, f"{verb} {path}")
        # requests, urllib3 and json, and PyGithub's own assertions: whatever it was, nothing is known of the outcome.
        except Exception as error:
            raise UnansweredError(f"GitHub gave no answer: {self._said(error)}") from None
        else:
            return value

    def _refuse(self, error: github.GithubException, what: str) -> NoReturn:
        said = self._said(error)
        status, wait = error.status, _wait(error)
        if isinstance(error, github.RateLimitExceededExceedsMaxWait):
            raise TimedOutError(
                f"GitHub takes no more calls for {error.wait or 0:,.0f} seconds: {said}", LATER
            ) from None
        if isinstance(error, github.RateLimitExceededException) or (status == FORBIDDEN and wait) or status == LIMITED:
            raise UnansweredError(f"GitHub takes no more calls for now: {said}", wait or LIMITED_WAIT) from None
        if status in BROKEN:
            raise UnansweredError(f"GitHub answered {status}: {said}", wait) from None
        if status == UNAUTHORIZED:
            raise WorldError(f"GitHub does not accept the token: {said}", "Is it still valid, and for this GitHub?")
        if status == FORBIDDEN:
            hint = f"{RIGHTS} On a conversation that is locked, nobody comments."
            raise _ForbiddenError(f"GitHub refuses {what} on {self._name}: {said}", hint)
        if status in (NOT_FOUND, GONE) or (status == 422 and "/commits/" in what):
            hint = f"Look at --repo and --pr. GitHub also says so of what the token may not see: {RIGHTS}"
            raise _MissingError(f"GitHub knows no {self._name}, or not to this token: {said}", hint)
        raise WorldError(f"GitHub refuses {what} on {self._name} with {status}: {said}")

    def _said(self, error: Exception) -> str:
        """What it says, without the token, should anybody have put that there."""
        if isinstance(error, github.GithubException):
            data = error.data
            words = str(data["message"]) if isinstance(data, dict) and "message" in data else f"status {error.status}"
        else:
            words = f"{type(error).__name__}: {_cause(error)}"
        words = visible(words.replace(self._token, "***"))
        return words if len(words) <= SHOWN else f"{words[:SHOWN]}..."


def _cause(error: BaseException) -> BaseException:
    """The innermost of errors that wrap each other: what is around it fills the line before it says why."""
    wrapped = (one for one in (getattr(error, "reason", None), *error.args) if isinstance(one, BaseException))
    inner = next(wrapped, None)
    return _cause(inner) if inner else error


RIGHTS = "The token needs `pull-requests: write`."


class _ForbiddenError(WorldError):
    """GitHub knows the token, and says no."""


class _MissingError(WorldError):
    """GitHub says that there is no such thing."""


def _wait(error: github.GithubException) -> float:
    asked = next((value for name, value in (error.headers or {}).items() if name.lower() == "retry-after"), "")
    return float(asked) if re.fullmatch("[0-9]{1,9}", asked) else LIMITED_WAIT if asked else 0.0


def _comment(value: Value) -> Comment:
    user = value.get("user")
    return Comment(_number(value, "id"), _author(user).login if user else "", str(value.get("body") or ""))


def _author(value: Any) -> Author:
    """`ghost` is what GitHub shows for an account that was deleted."""
    user = _mapping(value or {"login": "ghost", "id": 10137})
    return Author(_text(user, "login"), _number(user, "id"))


def _mapping(value: Any) -> Value:
    if not isinstance(value, dict):
        raise _unreadable("a mapping is missing")
    return value


def _text(value: Value, key: str) -> str:
    if not isinstance(found := value.get(key), str):
        raise _unreadable(f"{key} is missing")
    return found


def _number(value: Value, key: str) -> int:
    if type(found := value.get(key)) is not int:
        raise _unreadable(f"{key} is missing")
    return found


def _unreadable(why: str) -> UnansweredError:
    """Such as that of something between us and GitHub, or a redirect that is not followed."""
    return UnansweredError(f"GitHub's answer cannot be read: {why}")
