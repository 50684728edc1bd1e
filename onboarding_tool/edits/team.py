"""Add or extend a team: splices of teams.yaml."""

import re
from collections.abc import Sequence

from onboarding_tool import schema, yamltext
from onboarding_tool.errors import UsageError
from onboarding_tool.model import TEAMS_FILE, Member, Repo, Team
from onboarding_tool.tree import Changes
from onboarding_tool.yamltext import Flow

ID = re.compile(r"[0-9]{1,19}")


def add_team(repo: Repo, name: str, github: str | None, tenants: Sequence[str], members: Sequence[Member]) -> Changes:
    """teams.yaml with the team in it, or with what is new about it added; no changes if nothing is new."""
    before = repo.tree.read(TEAMS_FILE).decode("utf-8")
    team, wanted = repo.teams.get(name), _distinct(members)
    after = _extended(before, team, github, tenants, wanted) if team else _added(before, name, github, tenants, wanted)
    _refuse_misfits(after)
    return {TEAMS_FILE: after.encode()} if after != before else {}


def _refuse_misfits(text: str) -> None:
    """What the user gave stands in the file now; if it does not fit there, nothing is written."""
    value = yamltext.read(text.encode(), yamltext.OURS).documents[0]
    for misfit in schema.judge("teams", value):
        raise UsageError(misfit.message, misfit.hint)


def parse_member(text: str) -> Member:
    """`alice` or `alice=1001`."""
    login, equals, number = text.partition("=")
    if equals and not ID.fullmatch(number):
        raise UsageError(f"--member {text}: {number!r} is no number", "LOGIN, or LOGIN=ID with the forge's numeric id.")
    return Member(login, int(number) if equals else None)


def _distinct(members: Sequence[Member]) -> list[Member]:
    """Each login once, with its id if it was given with one. Raises UsageError if it was given with two."""
    found: dict[str, Member] = {}
    for member in members:
        known = found.setdefault(member.login.lower(), member)
        if None not in (known.id, member.id) and known.id != member.id:
            message = f"--member names {member.login} with two ids, {known.id} and {member.id}"
            raise UsageError(message, "A login has one id.")
        if known.id is None:
            found[member.login.lower()] = member
    return list(found.values())


def _added(text: str, name: str, github: str | None, tenants: Sequence[str], members: Sequence[Member]) -> str:
    value: dict[str, object] = {"github": github} if github else {}
    if tenants:
        value["tenants"] = Flow(list(dict.fromkeys(tenants)))
    value["members"] = [_member(member) for member in members]
    return yamltext.set_key(text, ("teams",), name, value)


def _extended(text: str, team: Team, github: str | None, tenants: Sequence[str], members: Sequence[Member]) -> str:
    at = ("teams", team.name)
    if github and github != team.github:
        text = yamltext.set_key(text, at, "github", github)
    for tenant in dict.fromkeys(tenants):
        if tenant not in team.tenants:
            text = _appended(text, (*at, "tenants"), tenant)
    for member in members:
        text = _with_member(text, team, member)
    return text


def _with_member(text: str, team: Team, member: Member) -> str:
    """A new member is appended; a known one gets the id that was missing. An id is never changed to another."""
    at = ("teams", team.name, "members")
    for index, known in enumerate(team.members):
        if known.login.lower() != member.login.lower():
            continue
        if known.id is not None and member.id is not None and known.id != member.id:
            message = f"{member.login} has the id {known.id} in teams.yaml, not {member.id}"
            raise UsageError(
                message, "An id is never reused: a login with another id is somebody else. Edit teams.yaml."
            )
        return yamltext.set_key(text, (*at, index), "id", member.id) if known.id is None and member.id else text
    return _appended(text, at, _member(member))


def _appended(text: str, at: yamltext.Path, value: object) -> str:
    holder = yamltext.read(text.encode(), yamltext.OURS).documents[0]
    for step in at[:-1]:
        holder = holder[step]  # type: ignore[index]
    if isinstance(holder, dict) and isinstance(holder.get(str(at[-1])), list):
        return yamltext.append(text, at, value)
    return yamltext.set_key(text, at[:-1], str(at[-1]), Flow([value]))


def _member(member: Member) -> Flow:
    return Flow({"login": member.login, "id": member.id})
