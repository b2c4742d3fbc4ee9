"""The words of a shell's script, and the command that they amount to."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["EITHER", "FAIL", "OK", "plain_statuses", "tokens_of", "unquoted", "unwrapped"]

# The statuses that a command may end with, as a set of two.
OK, FAIL = 1, 2
EITHER = OK | FAIL

_TOKEN = re.compile(
    r"""
    (?P<blank>(?:[ \t\r]|\\\n)+ | (?<![^\s;&|()])\#[^\n]*)
    | (?P<redirect>\d*(?:&>>?|<<<|<<-?|[<>]&|<>|>>|>\||[<>]))
    | (?P<operator>&&|\|\||\|&|;;|[;&|()\n])
    | (?P<word>(?:\$\((?:[^()]|\([^()]*\))*\)|`[^`]*`|'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^\s;&|()<>'"`\\])+|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_QUOTED = re.compile(r"""'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)""", re.DOTALL)
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=.*", re.ASCII | re.DOTALL)
_FILE_TEST = re.compile(r"-([a-zA-Z]|nt|ot|ef)")
_HARMLESS = frozenset({":", "date", "echo", "hostname", "id", "printf", "pwd", "sleep", "true", "uname", "whoami"})
# What ends a pipeline without an opinion of what comes through it.
_PASSING_ON = frozenset({"cat", "cut", "head", "sort", "tail", "tee", "tr", "uniq", "wc"})
_WRAPPERS = frozenset({"busybox", "builtin", "command", "env", "exec", "nohup", "time", "timeout", "toybox"})


def tokens_of(script: str) -> list[tuple[str | None, str]]:
    """Return a script's words, operators and redirections, each with what it is."""
    found = ((match.lastgroup, match.group()) for match in _TOKEN.finditer(script))
    return [one for one in found if one[0] != "blank"]


def unquoted(word: str) -> str:
    """Return a word as the shell hands it to a command."""
    return _QUOTED.sub(lambda match: next(part for part in match.groups() if part is not None), word)


def unwrapped(words: Sequence[str]) -> Sequence[str]:
    """Leave out variables that are set, and commands that only run another."""
    found = words
    while found:
        name = found[0].rpartition("/")[2]
        if name not in _WRAPPERS and not _ASSIGNMENT.fullmatch(found[0]):
            break
        found = found[1:]
        while name in _WRAPPERS and found and found[0].startswith("-"):
            found = found[1:]
        if name == "timeout":
            found = found[1:]
    return found


def plain_statuses(name: str, rest: Sequence[str], *, piped: bool) -> int:
    """Return the statuses that a command may end with which the shell itself knows nothing of."""
    if name == "false":
        return FAIL
    if name in _HARMLESS or (piped and name in _PASSING_ON):
        return OK
    if name in ("[", "[[", "test"):
        depends = any("$" in one or "`" in one or _FILE_TEST.fullmatch(one) for one in rest)
        return EITHER if depends else OK
    return EITHER
