"""Git here, and the remote that Argo CD reads."""

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from onboarding_tool.doctor.results import Result, Trouble, judged, problem, required, then, told_elsewhere, warning
from onboarding_tool.doctor.seen import UNREAD, Clone, Remote, Seen, Unseen, World
from onboarding_tool.model import PLATFORM_FILE, Environment, Platform
from onboarding_tool.wording import counted

GIT, ORIGIN = "git", "origin"
MAIN = "refs/heads/main"
NEEDED = (2, 38)  # of git: the first that merges without a working tree
# SCHEME://[USER[:PASSWORD]@]HOST[:PORT]/PATH[?QUERY], and [USER@]HOST:PATH
URL = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?:[^/]*@)?(?P<host>[^/@:]*)(?::(?P<port>\d*))?(?P<path>/[^?]*).*", re.I
)
SCP = re.compile(r"(?:[^/@]*@)?(?P<host>[^/:@]+):(?P<path>.*)")
PORTS = {"https": "443", "http": "80", "ssh": "22", "git": "9418"}


def results(platform: Platform, environments: Sequence[Environment], world: World) -> Iterator[Result]:
    yield required("git-missing", GIT, world.git, on=platform)
    yield judged("git-outdated", GIT, told_elsewhere(world.git), _outdated)
    yield required("git-repository-missing", GIT, world.clone, on=world.git)
    clone = told_elsewhere(world.clone)
    yield judged("git-identity-missing", GIT, clone, _identity)
    yield judged("config-repo-not-at-root", GIT, clone, _place)
    yield judged("git-head-detached", GIT, clone, _head)
    yield judged("git-clone-shallow", GIT, clone, _depth)
    yield judged("remote-missing", ORIGIN, clone, partial(_absence, platform))
    remote = then(clone, _remote)
    answer = then(remote, lambda found: found.refs)
    yield judged("remote-url-mismatch", ORIGIN, remote if platform.read else UNREAD, partial(_address, platform))
    yield required("remote-unreachable", ORIGIN, answer, on=remote)
    refs = told_elsewhere(answer)
    yield judged("remote-main-missing", ORIGIN, refs, _main)
    yield judged("remote-default-branch-other", ORIGIN, told_elsewhere(then(remote, _default)), _default_branch)
    yield judged("main-out-of-step", ORIGIN, told_elsewhere(then(clone, _both_mains)), lambda both: _steps(*both))
    for environment in environments:
        if environment.revision != MAIN:
            subject = f"environment {environment.name}"
            yield judged("revision-missing", subject, refs, partial(_revision, environment))


def shown(url: str) -> str:
    """A URL without what may be a password or a token."""
    return re.sub(r"(?<=://)[^/]*@", "", url).partition("?")[0]


def same_address(one: str, other: str) -> bool:
    """Whether two URLs name one repository, whatever the way to it."""
    return _place_of(one) == _place_of(other)


def _place_of(url: str) -> tuple[str, str]:
    """Host and path. No two repositories of a forge differ only in upper and lower case."""
    if found := URL.fullmatch(url):
        standard = PORTS.get(found["scheme"].lower())
        host = found["host"] + (f":{found['port']}" if found["port"] and found["port"] != standard else "")
    elif found := SCP.fullmatch(url):
        host = found["host"]
    else:
        return "", _bare(url)
    return host.lower(), _bare(found["path"])


def _bare(path: str) -> str:
    return path.strip("/").removesuffix(".git").rstrip("/").lower()


def _outdated(version: str) -> Trouble | None:
    if tuple(int(part) for part in re.findall(r"\d+", version)[:2]) >= NEEDED:
        return None
    wanted = ".".join(map(str, NEEDED))
    return warning(f"git is {version}, and merging without a working tree needs {wanted}", f"Install git {wanted}.")


def _identity(clone: Clone) -> Trouble | None:
    if clone.has_identity:
        return None
    fix = 'git config --global user.name "Your Name"\ngit config --global user.email you@example.com'
    return problem("git does not know who you are, so nothing can be committed", fix)


def _place(clone: Clone) -> Trouble | None:
    if not clone.prefix:
        return None
    folder = clone.prefix.rstrip("/")
    message = f"the config repo lies in {folder}/ of a git repository, and Argo CD reads its paths from the top"
    return problem(message, f"Push this as main of a repository of its own:\n{_split(folder)}")


def _split(folder: str) -> str:
    return f"git subtree split --prefix={shlex.quote(folder)} -b config"


def _head(clone: Clone) -> Trouble | None:
    if clone.branch:
        return None
    return warning(
        "HEAD is detached, so `onboard release apply` and `onboard upgrade` cannot commit", "git switch main"
    )


def _depth(clone: Clone) -> Trouble | None:
    if not clone.is_shallow:
        return None
    message = "the clone is shallow, so what only the history tells cannot be judged"
    return warning(message, "git fetch --unshallow\nIn a pipeline: `fetch-depth: 0` in actions/checkout.")


def _absence(platform: Platform, clone: Clone) -> Trouble | None:
    if clone.origin:
        return None
    fix = f"git remote add origin {shlex.quote(platform.repository or 'URL')}\ngit push -u origin main"
    return problem("there is no remote `origin`, so Argo CD can have nothing of this repo", fix)


def _remote(clone: Clone) -> Seen[Remote]:
    return clone.origin or Unseen("there is no remote `origin`")


def _address(platform: Platform, remote: Remote) -> Trouble | None:
    if any(same_address(url, platform.repository) for url in remote.urls):
        return None
    message = f"`origin` is {shown(remote.urls[-1])}, and Argo CD reads {platform.repository}"
    fix = f"git remote set-url origin {shlex.quote(platform.repository)}"
    return problem(message, f"{fix}\nOr, if origin is right: correct `repository:` in {PLATFORM_FILE}.")


def _main(refs: Mapping[str, str]) -> Trouble | None:
    if MAIN in refs:
        return None
    return problem("`origin` has no branch main, which Argo CD follows", "git push -u origin main")


def _default(remote: Remote) -> Seen[str]:
    if isinstance(remote.refs, Unseen):
        return remote.refs
    return remote.default or Unseen("`origin` does not say which branch is its default")


def _default_branch(default: str) -> Trouble | None:
    if default == MAIN:
        return None
    branch = default.removeprefix("refs/heads/")
    message = f"pull requests go to {branch}, the default branch of `origin`, and Argo CD follows main"
    return warning(message, "Make main the default branch in the settings of the repository.")


def _both_mains(clone: Clone) -> Seen[tuple[Clone, Remote]]:
    """The clone and its remote, where both have a main to compare."""
    remote = _remote(clone)
    if isinstance(remote, Unseen):
        return remote
    if isinstance(remote.refs, Unseen):
        return remote.refs
    if MAIN not in remote.refs:
        return Unseen("`origin` has no branch main")
    return (clone, remote) if clone.main else Unseen("there is no local branch main")


def _steps(clone: Clone, remote: Remote) -> Trouble | None:
    if isinstance(remote.refs, Unseen) or clone.main == remote.refs[MAIN]:
        return None
    if remote.steps is None:
        return warning("main is behind that of `origin`, by commits that are not here yet", "git pull --ff-only")
    ahead, behind = remote.steps
    if not behind:
        message = f"main has {counted(ahead, 'commit')} that `origin` does not have, so Argo CD cannot see them"
        return warning(message, "git push origin main")
    if not ahead:
        return warning(f"main is {counted(behind, 'commit')} behind that of `origin`", "git pull --ff-only")
    message = f"main and that of `origin` have parted: {counted(ahead, 'commit')} here, {behind:,} there"
    return warning(message, "git pull --rebase origin main")


def _revision(environment: Environment, refs: Mapping[str, str]) -> Trouble | None:
    if environment.revision in refs:
        return None
    message = f"its APIs follow {environment.revision}, which `origin` does not have, so nothing is delivered"
    return problem(message, f"git push origin {shlex.quote(environment.revision)}")
