"""A command line that typer cannot read, told in our words: what is wrong with it, and the line that would be right."""

import re
from collections.abc import Iterator
from typing import Any

from typer._click import exceptions

from onboarding_tool.errors import UsageError
from onboarding_tool.wording import did_you_mean, listed

ClickError = exceptions.ClickException
UNEXPECTED = re.compile(r"Got unexpected extra argument\(s\) \((.*)\)", re.DOTALL)
NUMBER = re.compile(r"is not a valid int( range)?")


def in_our_words(error: ClickError) -> UsageError:
    """The same error as one of ours."""
    context = getattr(error, "ctx", None)
    if context is None:
        return UsageError(_sentence(error.message), "`onboard --help` says more.")
    if isinstance(error, exceptions.NoSuchOption):
        return UsageError(f"there is no option {error.option_name}", _option_hint(error, context))
    if isinstance(error, exceptions.MissingParameter):
        missing = [_shown(one, context) for one in context.command.params if _is_missing(one, context)]
        return UsageError(f"{listed(missing)} {'is' if len(missing) == 1 else 'are'} missing", _help(context))
    if isinstance(error, exceptions.BadParameter):
        what = NUMBER.sub("is no whole number", error.message).rstrip(".")
        return UsageError(f"{_name(error.param, context)}: {what}", _help(context))
    if isinstance(error, exceptions.BadOptionUsage) and error.message.endswith("requires an argument."):
        found = next(one for one in context.command.params if error.option_name in one.opts)
        return UsageError(f"{error.option_name} is without its value", _value_hint(found, context))
    if found := UNEXPECTED.fullmatch(error.message):
        return UsageError(f"there is no place for {found[1]!r}", _help(context))
    return UsageError(_sentence(error.message), _help(context))


def no_command(name: str, context: Any, groups: dict[str, Any]) -> UsageError:
    """Nobody has to know what stands in which group: a name that stands elsewhere is found there."""
    path = context.command_path
    _, *before = path.split()
    if elsewhere := _elsewhere(name, context, groups):
        hint = f"There is {listed(f'`onboard {one}`' for one in elsewhere)}."
    elif before:
        known = context.command.commands
        hint = did_you_mean(name, known, f"`{path}` has {listed(known)}; `{path} --help` says more.")
    else:
        hint = did_you_mean(name, context.command.commands, f"`{path} --help` lists all.")
    return UsageError(f"there is no command {' '.join([*before, name])!r}", hint)


def _elsewhere(name: str, context: Any, groups: dict[str, Any]) -> list[str]:
    """Not in another group than one that was named: a list of the APIs is none of the teams."""
    root = context.find_root()
    if context is not root:
        return [name] if name in root.command.commands else []
    return [f"{group} {name}" for group, found in groups.items() if name in found.commands]


def _option_hint(error: exceptions.NoSuchOption, context: Any) -> str:
    """Options of onboard itself stand before the command, which nobody expects."""
    root = context.find_root()
    for one in root.command.params if root is not context else ():
        if error.option_name in one.opts:
            written = _shown(one, root) if not one.is_flag else error.option_name
            command = context.command_path.removeprefix(f"{root.command_path} ")
            return f"It stands before the command: `{root.command_path} {written} {command} ...`."
    known = [name for one in context.command.params for name in (*one.opts, *one.secondary_opts)]
    if error.option_name.startswith("--"):
        return did_you_mean(error.option_name, [name for name in known if name.startswith("--")], _help(context))
    takes = any(one.param_type_name == "argument" for one in context.command.params)
    behind = f"What begins with - and is no option stands behind `--`: `{context.command_path} -- -NAME`."
    return "\n".join([_help(context), *([behind] if takes else [])])


def _value_hint(option: Any, context: Any) -> str:
    choices = getattr(option.type, "choices", ())
    if choices:
        return f"It is one of {listed(str(getattr(one, 'value', one)) for one in choices)}."
    return f"Write `{_shown(option, context)}`. `{context.command_path} --help` says more."


def _is_missing(one: Any, context: Any) -> bool:
    """What was given is in the context already: it is processed first."""
    return bool(one.required and one.name not in context.params)


def _name(one: Any, context: Any) -> str:
    if one.param_type_name == "argument":
        return str(one.make_metavar(context))
    return str(one.opts[0])


def _shown(one: Any, context: Any) -> str:
    """As it stands in a command line: `IMAGE`, `--port N`."""
    metavar = str(one.make_metavar(context))
    return metavar if one.param_type_name == "argument" else f"{one.opts[0]} {metavar}"


def _help(context: Any) -> str:
    """What the command needs, and where the rest of it is told."""
    path = context.command_path
    needed = " ".join(_line(context))
    return f"`{needed}`; `{path} --help` says more." if needed != path else f"`{path} --help` says more."


def _line(context: Any) -> Iterator[str]:
    yield context.command_path
    for one in context.command.params:
        if one.required or one.param_type_name == "argument":
            yield _shown(one, context)


def _sentence(message: str) -> str:
    return message[:1].lower() + message[1:].rstrip(".")
