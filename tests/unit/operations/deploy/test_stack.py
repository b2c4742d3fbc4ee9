from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pulumi.automation._cmd import CommandResult
from pulumi.automation.errors import CommandError, ConcurrentUpdateError, create_command_error

from sutazai_infra.operations.deploy.errors import DeployError, StoppedError
from sutazai_infra.operations.deploy.stack import Stack, open_stack
from tests.unit.operations.deploy.engine_events import begun, diagnostic, policy


def refusal(stderr: str = "", stdout: str = "") -> CommandError:
    return create_command_error(CommandResult(stdout=stdout, stderr=stderr, code=255))


class Automation:
    """Stands for the Automation API's stack: each operation sends events, and fails if it is told to."""

    name = "lab"

    def __init__(self, *outcomes: CommandError | None, events: tuple[Any, ...] = ()) -> None:
        self.outcomes = list(outcomes) or [None]
        self.events = events
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.workspace = SimpleNamespace(
            create_stack=lambda name: self.calls.append(("create_stack", {"name": name})),
            pulumi_command=SimpleNamespace(run=lambda arguments, *_: self._ran(arguments)),
            work_dir="/project",
        )

    def preview(self, **options: Any) -> None:
        self._operation("preview", options)

    def up(self, **options: Any) -> None:
        self._operation("up", options)

    def destroy(self, **options: Any) -> None:
        self._operation("destroy", options)

    def _ran(self, arguments: list[str]) -> None:
        self._operation(" ".join(arguments), {})

    def _operation(self, name: str, options: dict[str, Any]) -> None:
        listener = options.pop("on_event", None)
        self.calls.append((name, options))
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        for event in self.events if listener else ():
            listener(event)
        if outcome is not None:
            raise outcome


def opened(automation: Any) -> Stack:
    return Stack(automation, Path("/project/policy"))


def test_a_preview_runs_with_the_projects_policy_pack() -> None:
    automation = Automation(events=(begun("create", "redis"),))
    assert [change.name for change in opened(automation).preview(lambda _: None).changes] == ["redis"]
    assert automation.calls == [
        ("preview", {"color": "never", "policy_packs": ["/project/policy"], "refresh": None}),
    ]


def test_an_update_runs_with_the_policy_pack_too() -> None:
    automation = Automation()
    opened(automation).update(lambda _: None, refresh=True, message="sutazai update 3")
    assert automation.calls[0][1]["policy_packs"] == ["/project/policy"]
    assert automation.calls[0][1]["refresh"] is True
    assert automation.calls[0][1]["message"] == "sutazai update 3"


def test_a_stack_that_is_missing_is_made_and_previewed() -> None:
    automation = Automation(refusal("error: no stack named 'lab' found"), None)
    opened(automation).preview(lambda _: None)
    assert [name for name, _ in automation.calls] == ["preview", "create_stack", "preview"]


def test_a_violation_is_an_outcome_and_no_error() -> None:
    automation = Automation(refusal("error: preview failed"), events=(policy("host-budget", "too much"),))
    assert opened(automation).preview(lambda _: None).refused


def test_what_the_program_says_is_the_error() -> None:
    automation = Automation(refusal("error: failed"), events=(diagnostic("error", "tier 1 requests too much"),))
    with pytest.raises(DeployError) as error:
        opened(automation).preview(lambda _: None)
    assert str(error.value) == "tier 1 requests too much"


def test_a_lock_is_named_with_the_way_out() -> None:
    automation = Automation(refusal("error: the stack is currently locked by 1 lock(s)"))
    with pytest.raises(DeployError) as error:
        opened(automation).update(lambda _: None)
    assert isinstance(error.value.__cause__, ConcurrentUpdateError)
    assert str(error.value) == (
        "stack lab: another update is under way, or one was killed; wait for it, or, when no `pulumi` process "
        "of it is left, take its lock away: pulumi cancel --stack lab"
    )


def test_a_wrong_passphrase_is_named_with_the_way_out() -> None:
    automation = Automation(refusal("error: getting secrets manager: incorrect passphrase"))
    with pytest.raises(DeployError) as error:
        opened(automation).update(lambda _: None)
    assert str(error.value) == (
        "stack lab: its secrets don't open with this passphrase; set PULUMI_CONFIG_PASSPHRASE or "
        "PULUMI_CONFIG_PASSPHRASE_FILE to the one that the stack was made with"
    )


def test_anything_else_is_the_end_of_what_pulumi_printed() -> None:
    automation = Automation(refusal("warning: old\nerror: disk is full"))
    with pytest.raises(DeployError) as error:
        opened(automation).update(lambda _: None)
    assert str(error.value) == "stack lab: pulumi failed:\n  warning: old\n  error: disk is full"


def test_an_interrupt_is_told_apart_from_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    automation = Automation(refusal("error: update cancelled"))
    monkeypatch.setattr("sutazai_infra.operations.deploy.stack.gentle", interrupted)
    with pytest.raises(StoppedError) as error:
        opened(automation).update(lambda _: None)
    assert error.value.exit_status == 130
    assert str(error.value) == (
        "stack lab: stopped by you; what was done is in its state, and `sutazai up --stack lab` goes on"
    )


@contextmanager
def interrupted() -> Iterator[threading.Event]:
    event = threading.Event()
    event.set()
    yield event


def test_destroying_leaves_protected_data() -> None:
    automation = Automation()
    opened(automation).destroy(lambda _: None)
    assert automation.calls == [("destroy", {"color": "never", "exclude_protected": True})]


def test_destroying_data_takes_the_protection_off_first() -> None:
    automation = Automation()
    opened(automation).destroy(lambda _: None, with_data=True)
    assert [name for name, _ in automation.calls] == ["state unprotect --all --yes --stack lab", "destroy"]
    assert automation.calls[1][1]["exclude_protected"] is None


def test_a_stack_that_the_backend_does_not_know_does_not_exist() -> None:
    assert not opened(Automation(refusal("error: no stack named 'lab' found"))).exists()
    assert opened(Automation()).exists()


def test_without_a_cli_the_fix_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DeployError) as error:
        open_stack(tmp_path, "lab")
    assert str(error.value) == (
        'pulumi: not on PATH; `make toolchain` gets it, and `eval "$(make -s env)"` puts it there '
        "(or install it from https://www.pulumi.com/docs/install)"
    )


def test_a_cli_that_is_too_old_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "pulumi"
    own.write_text("#!/bin/sh\necho v2.1.0\n")
    own.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    with pytest.raises(DeployError, match=r"your current CLI version is 2\.1\.0.*`make toolchain` gets one"):
        open_stack(tmp_path, "lab")


def test_opening_a_stack_selects_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own, called = tmp_path / "pulumi", tmp_path / "called"
    own.write_text(f'#!/bin/sh\necho "$@" >> {called}\necho v3.259.0\n')
    own.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    assert open_stack(tmp_path, "lab").name == "lab"
    assert called.read_text() == "version\n"
