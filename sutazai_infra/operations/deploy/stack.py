"""One stack by way of the Automation API: the project's own folder, and whatever `pulumi` is on PATH.

Deliberately never selects a stack: which one is selected is the user's matter, and a later plain `pulumi up` would
deploy another one than the user thinks.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pulumi import automation
from pulumi.automation.errors import CommandError, ConcurrentUpdateError, InvalidVersionError, StackNotFoundError

from sutazai_infra.inputs.backend import local_state
from sutazai_infra.operations.deploy.errors import POLICY_PACK, DeployError, StoppedError
from sutazai_infra.operations.deploy.events import Listener, Outcome, Recorder
from sutazai_infra.operations.deploy.interrupts import gentle

__all__ = ["Stack", "open_stack"]

_TAIL = 12
_STOPPED = "stack {0}: stopped by you; what was done is in its state, and `sutazai up --stack {0}` goes on"


class _Workspace(automation.LocalWorkspace):
    """A workspace that leaves the user's selected stack alone."""

    def select_stack(self, stack_name: str) -> None:
        """Do nothing: every command names its stack."""

    def create_stack(self, stack_name: str) -> None:
        """Create the stack without selecting it."""
        self._run_pulumi_cmd_sync(["stack", "init", "--no-select", "--stack", stack_name])


def open_stack(folder: Path, name: str, pack: Path | None = None) -> Stack:
    """Find the CLI and the stack, which the project's own policy pack judges unless another is named.

    Raises `DeployError`, which says how to get a CLI.
    """
    if shutil.which("pulumi") is None:
        raise DeployError(
            'pulumi: not on PATH; `make toolchain` gets it, and `eval "$(make -s env)"` puts it there '
            "(or install it from https://www.pulumi.com/docs/install)"
        )
    _make_own_state(folder)
    try:
        workspace = _Workspace(work_dir=str(folder))
    except InvalidVersionError as error:
        raise DeployError(f"pulumi: {error}; `make toolchain` gets one that is accepted") from error
    except (OSError, subprocess.CalledProcessError) as error:
        raise DeployError(f"pulumi: doesn't start ({error}); `make toolchain` gets one that does") from error
    return Stack(automation.Stack.select(name, workspace), pack or folder / POLICY_PACK)


def _make_own_state(folder: Path) -> None:
    """Pulumi makes no folder for a local state; the project's own is made, any other is the user's to make."""
    state = folder / ".state"
    if local_state() == state.absolute():
        state.mkdir(mode=0o700, exist_ok=True)


class Stack:
    """A stack whose updates are previewed with the project's policy pack."""

    def __init__(self, stack: automation.Stack, pack: Path) -> None:
        self._stack = stack
        self._pack = [str(pack)]

    @property
    def name(self) -> str:
        """The stack's name."""
        return self._stack.name

    def preview(self, listener: Listener, *, refresh: bool = False) -> Outcome:
        """Preview with the pack, creating the stack where there is none; a violation is an outcome, no error."""
        try:
            return self._run(self._stack.preview, listener, policy_packs=self._pack, refresh=refresh or None)
        except _MissingStackError:
            self._command(self._stack.workspace.create_stack, self.name)
        return self._run(self._stack.preview, listener, policy_packs=self._pack, refresh=refresh or None)

    def update(self, listener: Listener, *, refresh: bool = False, message: str = "") -> Outcome:
        """Update with the pack; raises `DeployError` where a resource fails."""
        return self._run(
            self._stack.up,
            listener,
            policy_packs=self._pack,
            refresh=refresh or None,
            message=message or None,
            suppress_outputs=True,
        )

    def destroy(self, listener: Listener, *, with_data: bool = False) -> Outcome:
        """Destroy everything but protected resources; with the data, those too."""
        if with_data:
            self._command(self._cli, ["state", "unprotect", "--all", "--yes", "--stack", self.name])
        return self._run(self._stack.destroy, listener, exclude_protected=None if with_data else True)

    def exists(self) -> bool:
        """Whether the backend knows the stack."""
        try:
            self._command(self._cli, ["stack", "--stack", self.name, "--show-name"])
        except _MissingStackError:
            return False
        return True

    def _cli(self, arguments: list[str]) -> None:
        workspace = self._stack.workspace
        workspace.pulumi_command.run(arguments, workspace.work_dir, {})

    def _run(self, operation: Callable[..., Any], listener: Listener, **options: Any) -> Outcome:
        recorder = Recorder(listener)
        try:
            with gentle() as interrupted:
                operation(on_event=recorder, color="never", **options)
        except CommandError as error:
            outcome = recorder.outcome()
            if interrupted.is_set():
                raise StoppedError(_STOPPED.format(self.name), outcome) from error
            if outcome.refused:
                return outcome
            raise _translated(error, self.name, outcome) from error
        return recorder.outcome()

    def _command(self, command: Callable[..., Any], *arguments: Any) -> None:
        try:
            command(*arguments)
        except CommandError as error:
            raise _translated(error, self.name, Outcome()) from error


class _MissingStackError(DeployError):
    """The backend doesn't know the stack."""


def _translated(error: CommandError, stack: str, outcome: Outcome) -> DeployError:
    text = str(error)
    if isinstance(error, StackNotFoundError):
        return _MissingStackError(f"stack {stack}: the backend doesn't know it; `sutazai up` makes it", outcome)
    if isinstance(error, ConcurrentUpdateError):
        return DeployError(
            f"stack {stack}: another update is under way, or one was killed; wait for it, or, when no `pulumi` "
            f"process of it is left, take its lock away: pulumi cancel --stack {stack}",
            outcome,
        )
    if "passphrase" in text and ("incorrect" in text or "must be set" in text):
        return DeployError(
            f"stack {stack}: its secrets don't open with this passphrase; set PULUMI_CONFIG_PASSPHRASE or "
            "PULUMI_CONFIG_PASSPHRASE_FILE to the one that the stack was made with",
            outcome,
        )
    return DeployError("\n".join(outcome.errors) or _tail_of(text, stack), outcome)


def _tail_of(text: str, stack: str) -> str:
    """Show the end of what the CLI printed, where no event said what is wrong."""
    _, _, stderr = text.partition("stderr:")
    stdout = text.partition("stdout:")[2].partition("\n stderr:")[0]
    lines = [line for line in (stderr.strip() or stdout.strip()).splitlines() if line.strip()]
    return "\n".join([f"stack {stack}: pulumi failed:", *(f"  {line}" for line in lines[-_TAIL:])])
