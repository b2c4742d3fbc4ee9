"""Whether a command can fail at all: a health check that can't says nothing.

A small reading of the shell's language: any command may succeed or fail, but for the few of which it is plain
(`true`, `exit 0`, `echo`). What isn't understood may fail, so that no honest check is refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from sutazai_policy.shell_words import EITHER, FAIL, OK, plain_statuses, tokens_of, unquoted, unwrapped

__all__ = ["can_fail", "script_can_fail"]

_LONGEST, _DEEPEST = 8192, 20

_NUMBER = re.compile(r"\d{1,9}", re.ASCII)

_SHELLS = frozenset({"ash", "bash", "dash", "ksh", "sh", "zsh"})
_CLOSERS = {"if": "fi", "while": "done", "until": "done", "for": "done", "case": "esac"}


class _NotUnderstoodError(Exception):
    """The script is beyond this reading."""


@lru_cache(maxsize=1024)
def script_can_fail(script: str) -> bool:
    """Whether a shell's script may end with another status than 0."""
    return bool(_statuses(script, 0) & FAIL)


def can_fail(command: Sequence[str]) -> bool:
    """Whether a command that is run without a shell may end with another status than 0."""
    run = _Run("", 0)
    return bool((run.command_statuses(command, piped=False) | run.exits) & FAIL)


def _statuses(script: str, depth: int, *, strict: bool = False) -> int:
    """Return the statuses that a script may end with; `strict` is the shell's `-e`."""
    if len(script) > _LONGEST or depth > _DEEPEST:
        return EITHER
    run = _Run(script, depth, strict=strict)
    try:
        return run.sequence("") | run.exits
    except _NotUnderstoodError:
        return EITHER


class _Run:
    """One script as it is followed; a status of 0 means that nothing goes on from there."""

    def __init__(self, script: str, depth: int, *, strict: bool = False) -> None:
        self._tokens = [*tokens_of(script), (None, "")]
        self._at = 0
        self._depth = depth
        self._strict = strict
        self._pipefail = False
        self._live = True
        self._last = OK
        self.exits = 0

    @property
    def _next(self) -> str:
        return self._tokens[self._at][1]

    def _take(self) -> str:
        text = self._next
        if not text:
            raise _NotUnderstoodError
        self._at += 1
        return text

    def _taken(self, *texts: str) -> str:
        return self._take() if self._next in texts and self._next else ""

    def _skip_lines(self) -> None:
        while self._taken("\n"):
            pass

    def sequence(self, closer: str) -> int:
        """Follow commands up to a closing sign, or to the end."""
        status, outer = OK, self._live
        while self._next != closer:
            if self._taken(";", "\n"):
                continue
            status = self._and_or()
            if self._taken("&"):
                status = OK
            if self._strict and self._live and status & FAIL:
                self.exits |= FAIL
                status &= OK
            self._live = self._live and bool(status)
        alive, self._live = self._live, outer
        return status if alive else 0

    def _and_or(self) -> int:
        status, outer = self._pipeline(), self._live
        while operator := self._taken("&&", "||"):
            self._skip_lines()
            goes_on = OK if operator == "&&" else FAIL
            self._live = outer and bool(status & goes_on)
            status = (status & ~goes_on) | self._pipeline()
            self._live = outer
        return status

    def _pipeline(self) -> int:
        negated = False
        while self._taken("!"):
            negated = not negated
        status = self._command(piped=False)
        while self._taken("|", "|&"):
            self._skip_lines()
            before = status if self._pipefail else 0
            status = self._command(piped=True) | (before & FAIL)
        return (status & OK) << 1 | (status & FAIL) >> 1 if negated else status

    def _command(self, *, piped: bool) -> int:
        if self._next in ("(", "{"):
            return self._group()
        if self._next in _CLOSERS:
            return self._compound()
        words = []
        while self._tokens[self._at][0] in ("word", "redirect"):
            if self._tokens[self._at][0] == "word":
                words.append(unquoted(self._take()))
            else:
                self._take()
                self._take()
        if not words or self._next == "(":
            raise _NotUnderstoodError
        if self._live:
            self._last = self.command_statuses(words, piped=piped)
            return self._last
        return 0

    def _group(self) -> int:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _NotUnderstoodError
        opener, exits = self._take(), self.exits
        status = self.sequence(")" if opener == "(" else "}")
        self._take()
        if opener == "(":
            status, self.exits = status | (self.exits & ~exits), exits
        self._depth -= 1
        return status

    def _compound(self) -> int:
        """Skip `if ... fi` and the like: whatever is in it, it may fail."""
        open_ones = [_CLOSERS[self._take()]]
        while open_ones:
            text = self._take()
            if text == open_ones[-1]:
                open_ones.pop()
            elif text in _CLOSERS:
                open_ones.append(_CLOSERS[text])
            elif text == "exit" and self._live:
                self.exits |= EITHER
        return EITHER if self._live else 0

    def command_statuses(self, given: Sequence[str], *, piped: bool) -> int:
        """Return the statuses that one command may end with."""
        words = unwrapped(given)
        if not words:
            return EITHER if any("$(" in word or "`" in word for word in given) else OK
        name, rest = words[0].rpartition("/")[2], list(words[1:])
        if name == "exit":
            self.exits |= self._exit_statuses(rest[0] if rest else "$?")
            return 0
        if name == "set":
            self._strict = self._strict or any(re.fullmatch("-[a-z]*e[a-z]*|errexit", one) for one in rest)
            self._pipefail = self._pipefail or "pipefail" in rest
            return OK
        if name in _SHELLS:
            return self._shell_statuses(rest)
        if name == "eval":
            return _statuses(" ".join(rest), self._depth + 1)
        return plain_statuses(name, rest, piped=piped)

    def _exit_statuses(self, code: str) -> int:
        if _NUMBER.fullmatch(code):
            return FAIL if int(code) % 256 else OK
        return self._last if code == "$?" else EITHER

    def _shell_statuses(self, rest: list[str]) -> int:
        options = []
        while rest and rest[0].startswith("-"):
            options.append(rest.pop(0))
        flags = "".join(one for one in options if not one.startswith("--"))
        if "c" not in flags or "o" in flags:
            return EITHER
        return _statuses(rest[0] if rest else "", self._depth + 1, strict="e" in flags)
