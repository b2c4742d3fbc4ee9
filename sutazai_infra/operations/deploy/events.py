"""What the engine tells while it works, as values: steps for a progress display, and an outcome at the end.

Pure but for remembering. Takes Pulumi's events as they are and imports nothing of Pulumi, which is slow to load.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

__all__ = ["Change", "Listener", "Outcome", "Recorder", "Step", "Violation"]

State = Literal["running", "done", "failed"]

_KEPT = frozenset({"same", "read", "refresh"})
# A replacement's own step does nothing: its two halves do.
_SILENT = _KEPT | {"replace"}
# Steps that are one half of a replacement: the other half is the one to show.
_HALVES = frozenset({"delete-replaced", "create-replacement", "discard-replaced", "remove-pending-replace"})
_KINDS = {
    "docker:index/container:Container": "container",
    "docker:index/network:Network": "network",
    "docker:index/volume:Volume": "volume",
    "docker:index/remoteImage:RemoteImage": "image",
    "docker:index/service:Service": "service",
}
_COLOURS = re.compile(r"<\{%[^%]*%\}>|\x1b\[[0-9;]*m")
# The engine's own epilogue to a program that has said what is wrong.
_EPILOGUES = (
    "Program exited with non-zero exit code",
    "Running program ",
    "an unhandled error occurred",
    "update failed",
    "preview failed",
    "sdk-v2/",  # the provider's own log line, which its error repeats
)
_SHOWN_LENGTH = 60
_LEDGER = "ledger"


@dataclass(frozen=True)
class Step:
    """One resource that is being worked on."""

    operation: str
    kind: str
    name: str
    state: State


@dataclass(frozen=True)
class Change:
    """What becomes of one resource; `details` are its changed properties, old and new.

    `because` names those that force a replacement.
    """

    operation: str
    kind: str
    name: str
    details: tuple[str, ...] = ()
    because: tuple[str, ...] = ()


@dataclass(frozen=True)
class Violation:
    """What a policy says against the stack; a mandatory one stops the update."""

    policy: str
    mandatory: bool
    message: str

    @property
    def is_ledger(self) -> bool:
        """Whether it is no violation but the pack's account of what it checked."""
        return self.policy == _LEDGER and not self.mandatory


@dataclass(frozen=True)
class Outcome:
    """What a preview or an update came to."""

    changes: tuple[Change, ...] = ()
    unchanged: int = 0
    violations: tuple[Violation, ...] = ()
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether a mandatory policy is violated."""
        return any(violation.mandatory for violation in self.violations)

    def counted(self) -> dict[str, int]:
        """Count the changes of each operation."""
        counts: dict[str, int] = {}
        for change in self.changes:
            counts[change.operation] = counts.get(change.operation, 0) + 1
        return counts


Listener: TypeAlias = Callable[[Step], None]


@dataclass
class Recorder:
    """Listens to the engine's events, passes steps on, and remembers what makes up the outcome."""

    listener: Listener
    _changes: dict[str, Change] = field(default_factory=dict)
    _unchanged: set[str] = field(default_factory=set)
    _violations: list[Violation] = field(default_factory=list)
    _errors: list[str] = field(default_factory=list)
    _warnings: list[str] = field(default_factory=list)

    def __call__(self, event: Any) -> None:
        """Take one event of the Automation API."""
        if event.resource_pre_event is not None:
            self._begun(event.resource_pre_event.metadata)
        elif event.res_outputs_event is not None:
            self._tell(event.res_outputs_event.metadata, "done")
        elif event.res_op_failed_event is not None:
            self._tell(event.res_op_failed_event.metadata, "failed")
        elif event.policy_event is not None:
            self._violated(event.policy_event)
        elif event.diagnostic_event is not None:
            self._said(event.diagnostic_event)

    def outcome(self) -> Outcome:
        """Sum up."""
        return Outcome(
            changes=tuple(self._changes.values()),
            unchanged=len(self._unchanged - self._changes.keys()),
            violations=tuple(self._violations),
            errors=tuple(dict.fromkeys(self._errors)),
            warnings=tuple(dict.fromkeys(self._warnings)),
        )

    def _begun(self, step: Any) -> None:
        operation = str(getattr(step.op, "value", step.op))
        if not _is_shown(step.type):
            return
        if operation in _KEPT:
            self._unchanged.add(step.urn)
            return
        self._tell(step, "running")
        if operation not in _HALVES:
            kind, name = _kind(step.type), _name(step.urn)
            self._changes[step.urn] = Change(operation, kind, name, _details(step), _because(step))

    def _tell(self, step: Any, state: State) -> None:
        operation = str(getattr(step.op, "value", step.op))
        if operation not in _SILENT and _is_shown(step.type):
            self.listener(Step(operation, _kind(step.type), _name(step.urn), state))

    def _violated(self, event: Any) -> None:
        mandatory = event.enforcement_level == "mandatory"
        violation = Violation(event.policy_name, mandatory, _plain(event.message))
        if violation not in self._violations:
            self._violations.append(violation)

    def _said(self, event: Any) -> None:
        text = _reason(_plain(event.message))
        if not text or event.ephemeral or text.startswith(_EPILOGUES):
            return
        named = f"{_name(event.urn)}: {text}" if event.urn and "Container" in event.urn else text
        if event.severity == "error":
            self._errors.append(named)
        elif event.severity == "warning":
            self._warnings.append(named)


def _is_shown(kind: str) -> bool:
    """Components, providers and the stack itself are no news: their children are."""
    return kind in _KINDS


def _kind(resource_type: str) -> str:
    return _KINDS.get(resource_type, resource_type)


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]


def _plain(text: str) -> str:
    return _COLOURS.sub("", text).strip()


def _reason(text: str) -> str:
    """Unwrap the provider's nested `1 error occurred: * creating urn...: * reason`."""
    reasons = [line.strip().removeprefix("* ") for line in text.splitlines() if line.strip().startswith("* ")]
    own = [reason for reason in reasons if "urn:pulumi:" not in reason]
    return "; ".join(own) or text


def _because(step: Any) -> tuple[str, ...]:
    """Name the properties that force a replacement, without the places within them."""
    return tuple(dict.fromkeys(re.split(r"[.\[]", key)[0] for key in step.keys or ()))


def _details(step: Any) -> tuple[str, ...]:
    old, new = _inputs(step.old), _inputs(step.new)
    keys = dict.fromkeys(re.split(r"[.\[]", path)[0] for path in step.detailed_diff or step.diffs or ())
    return tuple(_detail(key, old.get(key), new.get(key)) for key in keys)


def _detail(key: str, old: Any, new: Any) -> str:
    """Show what fits a line; of a list or an object, that it differs."""
    shown = [_shown(value) for value in (old, new)]
    return key if None in shown else f"{key} {shown[0]} -> {shown[1]}"


def _inputs(state: Any) -> Mapping[str, Any]:
    return (state.inputs or {}) if state is not None else {}


def _shown(value: Any) -> str | None:
    if value is None:
        return "none"
    if isinstance(value, dict | list):
        return None
    text = str(value)
    return text if len(text) <= _SHOWN_LENGTH else f"{text[:_SHOWN_LENGTH]}..."
