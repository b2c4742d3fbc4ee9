"""`sutazai up`, step by step. Everything that can refuse does so before anything is changed."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from rich.console import Console

from sutazai_infra.cli.changes import show_changes, show_violations, summary
from sutazai_infra.cli.cost_table import show_costs
from sutazai_infra.cli.images import telling
from sutazai_infra.cli.progress import Phase, Progress
from sutazai_infra.cli.project import Project, agreed, engine_client
from sutazai_infra.model.container import StackSpec
from sutazai_infra.model.update import HealthResult
from sutazai_infra.operations.deploy.cost import costs
from sutazai_infra.operations.deploy.errors import DeployError, UnhealthyError
from sutazai_infra.operations.deploy.events import Outcome
from sutazai_infra.operations.deploy.health import (
    ContainerHealth,
    Health,
    explain,
    images_of,
    look,
    patience_s,
    wait_until_healthy,
)
from sutazai_infra.operations.deploy.hostwork import HostStep, host_step, with_cgroups
from sutazai_infra.operations.deploy.readiness import check_before_work, images_to_build
from sutazai_infra.operations.deploy.stack import Stack, open_stack
from sutazai_infra.operations.gathering import Gathered
from sutazai_infra.operations.history.recording import NO_REASON, Reason, recording_of
from sutazai_infra.operations.images import build_images
from sutazai_infra.operations.preflight import require_engine
from sutazai_infra.operations.rollback.perform import doubts
from sutazai_infra.operations.secrets.rotation import rotator

__all__ = ["Update"]


class Update:
    """One `up` of one stack."""

    def __init__(
        self,
        project: Project,
        console: Console,
        *,
        yes: bool,
        reason: Reason = NO_REASON,
        pack: Path | None = None,
    ) -> None:
        self._project = project
        self._console = console
        self._progress = Progress(console)
        self._yes = yes
        self._reason = reason
        self._pack = pack
        self.number: int | None = None

    def run(self, timeout_s: float | None) -> None:
        """Do all of it; raises `SutazaiError`."""
        opened = open_stack(self._project.folder, self._project.stack, self._pack)
        gathered = self._project.gather()
        require_engine(gathered.engine)
        self._client = engine_client()
        try:
            self._finish_rotations(gathered)
            if self._deploys(opened, gathered, timeout_s):
                return
            self._deploy(opened, host_step(self._project.gather(), self._client), timeout_s)
        finally:
            self._client.close()

    def _deploys(self, opened: Stack, gathered: Gathered, timeout_s: float | None) -> bool:
        """Deploy; whether that is all, and no server that was away had a rotation to finish."""
        try:
            self._deploy(opened, host_step(gathered, self._client), timeout_s)
        except DeployError:
            # Perhaps only since that server keeps a password that services don't have yet.
            if not self._finish_rotations(gathered):
                raise
            return False
        return not self._finish_rotations(gathered)

    def _finish_rotations(self, gathered: Gathered) -> bool:
        """Finish what a killed `sutazai secrets rotate` left, where the server can be told; whether any was."""
        finished = rotator(gathered, self._client).finish()
        for name in finished:
            self._progress.line(f"  secret   {name}: its interrupted rotation is finished", "yellow")
        return bool(finished)

    def _deploy(self, opened: Stack, step: HostStep, timeout_s: float | None) -> None:
        plan = step.gathered.plan()
        spec = step.gathered.declare(plan)
        check_before_work(step.gathered, spec)
        self._build(step.gathered, images_to_build(step.gathered, spec))
        gathered = self._prepare(step)
        if gathered is not step.gathered:
            plan = gathered.plan()
            spec = gathered.declare(plan)
        refresh = self._drifted(spec, deployed=gathered.previous is not None)
        outcome = self._preview(opened, refresh=refresh)
        show_costs(self._console, gathered.previous, plan, costs(spec, outcome))
        recording = recording_of(self._project.folder, opened.name, self._reason)
        with recording.ending(lambda: images_of(self._client, spec)):
            if outcome.changes:
                for doubt in doubts(self._project.folder, recording.book, self._client):
                    self._progress.line(f"  going back from this: {doubt}", "yellow")
                message = recording.begin(plan, outcome, gathered.previous)
                self.number = recording.number
                self._update(opened, spec, message, refresh=refresh)
                self._trim(step)
            recording.health = self._check(spec, timeout_s)
        self._goodbye(spec)

    def _build(self, gathered: Gathered, names: Sequence[str]) -> None:
        if not names:
            return
        if (
            self._yes
        ):  # what the images' base needs is asked for elsewhere, and a live display is no place to answer
            os.environ.setdefault("YES", "1")
        with self._progress.phase("images") as phase:
            results = build_images(names, gathered.folder / "images", self._client, telling(phase))
            built = [result.name for result in results if result.built]
            phase.result = f"built {', '.join(built)}" if built else f"{len(results)} built already"

    def _prepare(self, step: HostStep) -> Gathered:
        if step.skipped:
            self._progress.line(f"  host     pool cgroups: {step.skipped}", "yellow")
        if step.work is None:
            return step.gathered
        for line in step.work.diff.lines():
            self._progress.line(f"  {line}")
        # In a pipe nobody can be asked, and `up` is a yes to what it needs.
        if self._console.is_terminal and not agreed("Make these pool cgroups on this host?", yes=self._yes):
            return with_cgroups(step.gathered, held=False)
        with self._progress.phase("host") as phase:
            step.work.apply()
            phase.result = "pool cgroups prepared"
        return step.gathered

    def _trim(self, step: HostStep) -> None:
        """Take cores from pools whose containers still held them before the update moved them."""
        if step.work is not None and step.work.diff.waiting:
            step.work.apply()

    def _drifted(self, spec: StackSpec, *, deployed: bool) -> bool:
        """Whether containers were stopped or removed, by hand or by a reboot: Pulumi sees it only by a refresh."""
        health = {one.health for one in look(self._client, spec)}
        return Health.STOPPED in health or (Health.MISSING in health and (deployed or len(health) > 1))

    def _preview(self, opened: Stack, *, refresh: bool) -> Outcome:
        with self._progress.phase("preview", quiet=True) as phase:
            outcome = opened.preview(phase.step, refresh=refresh)
            phase.result = summary(outcome)
        show_changes(self._console, outcome)
        show_violations(self._console, outcome.violations)
        if outcome.refused:
            raise DeployError(f"stack {opened.name}: refused by policy; nothing was changed")
        return outcome

    def _update(self, opened: Stack, spec: StackSpec, message: str, *, refresh: bool) -> None:
        def states() -> Mapping[str, str]:
            return {one.instance: one.health.value for one in look(self._client, spec)}

        try:
            with self._progress.phase("update", states) as phase:
                outcome = opened.update(phase.step, refresh=refresh, message=message)
                phase.result = f"{len(outcome.changes)} done"
        except DeployError:
            self._explain([one for one in look(self._client, spec) if one.health in _SICK])
            raise

    def _check(self, spec: StackSpec, timeout_s: float | None) -> HealthResult:
        with self._progress.phase("health") as phase:
            found = wait_until_healthy(
                lambda: look(self._client, spec), _teller(phase), timeout_s or patience_s(spec)
            )
            sick = [one for one in found if one.health is not Health.HEALTHY]
            phase.result = f"{len(found) - len(sick)} of {len(found)} containers healthy"
        names = tuple(one.instance for one in sick)
        health = HealthResult(healthy=len(found) - len(sick), wanted=len(found), sick=names)
        if sick:
            self._explain(sick)
            raise UnhealthyError(
                f"stack {spec.stack}: not healthy: {', '.join(names)}; see above, or `docker logs`", health
            )
        return health

    def _explain(self, sick: Sequence[ContainerHealth]) -> None:
        for one in sick:
            self._progress.line(f"{one.instance} ({one.name}) is {one.health.value}: {one.status}", "bold red")
            for line in explain(self._client, one):
                self._progress.line(f"    {line}")

    def _goodbye(self, spec: StackSpec) -> None:
        for container in spec.containers:
            for port in container.ports:
                self._progress.line(f"  {container.service:<16} {port.url}", "bold")
        if self.number is not None:
            self._progress.line(
                f"  update {self.number}; back from it: sutazai rollback --stack {spec.stack}", "dim"
            )
        self._progress.line(
            f"next: sutazai status --stack {spec.stack}; sutazai plan --stack {spec.stack}; "
            f"sutazai down --stack {spec.stack}",
            "dim",
        )


_SICK = frozenset({Health.UNHEALTHY, Health.STOPPED, Health.RESTARTING})


def _teller(phase: Phase) -> Callable[[Sequence[ContainerHealth]], None]:
    def tell(found: Sequence[ContainerHealth]) -> None:
        waiting = [one.instance for one in found if one.health is not Health.HEALTHY]
        if waiting:
            phase.note(f"waiting for {', '.join(waiting[:6])}{' ...' if len(waiting) > 6 else ''}")

    return tell
