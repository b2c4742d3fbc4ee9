from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from obstore.store import MemoryStore
from rich.console import Console

from sutazai_infra.cli.project import Project
from sutazai_infra.cli.update import Update
from sutazai_infra.model.container import PortSpec
from sutazai_infra.model.update import HealthResult, Result, Source
from sutazai_infra.operations.deploy.errors import DeployError, StoppedError
from sutazai_infra.operations.deploy.events import Change, Outcome, Violation
from sutazai_infra.operations.deploy.health import ContainerHealth, Health
from sutazai_infra.operations.deploy.hostwork import HostStep, HostWork
from sutazai_infra.operations.history.book import Book
from sutazai_infra.operations.history.recording import Reason, Recording
from sutazai_infra.operations.hosts import CgroupDiff, HostDiff
from sutazai_infra.operations.statestore import StateStore
from sutazai_infra.planning.planner import plan
from tests.unit.planning.planning_samples import catalogue, host, service, settings

PLAN = plan(catalogue([service("api"), service("redis")]), host(4, "8Gi"), settings())
CHECKS = SimpleNamespace(interval_ms=1000, timeout_s=1, retries=1, start_period_s=0)
SPEC = SimpleNamespace(
    stack="lab",
    containers=[
        SimpleNamespace(instance="api", name="sutazai-lab-api", service="api", health=CHECKS, pool="web",
                        ports=[PortSpec(container=8000, host=10010)]),
        SimpleNamespace(instance="redis", name="sutazai-lab-redis", service="redis", health=CHECKS, pool="data",
                        ports=[]),
    ],
)  # fmt: skip
NO_IMAGE = DeployError("redis: no such image")
CREATED = Outcome((Change("create", "container", "api"), Change("create", "container", "redis")))


@dataclass
class World:
    """Everything that an update touches, and what it did in which order."""

    preview: Outcome = CREATED
    health: dict[str, Health] = field(default_factory=dict)
    update_fails: BaseException | None = None
    work: HostWork | None = None
    skipped: str = ""
    did: list[str] = field(default_factory=list)
    name: str = "lab"
    deployed: bool = False
    unfinished: list[list[str]] = field(default_factory=list)
    book: Book = field(default_factory=lambda: Book(StateStore(MemoryStore(), "memory"), "lab"))
    messages: list[str] = field(default_factory=list)

    def gather(self) -> Any:
        return SimpleNamespace(
            engine=object(),
            plan=lambda: PLAN,
            declare=lambda _: SPEC,
            folder=Path(),
            previous=PLAN if self.deployed else None,
        )

    def look(self, _client: object, _spec: object) -> list[ContainerHealth]:
        return [
            ContainerHealth(c.instance, c.name, self.health.get(c.instance, Health.HEALTHY), "Up")
            for c in SPEC.containers
        ]

    def finish(self) -> list[str]:
        """Say which interrupted rotations can be finished now."""
        return self.unfinished.pop(0) if self.unfinished else []

    def opened(self) -> Any:
        def preview(_listener: object, *, refresh: bool) -> Outcome:
            self.did.append("preview with refresh" if refresh else "preview")
            return self.preview

        def update(_listener: object, *, refresh: bool, message: str) -> Outcome:
            self.messages.append(message)
            self.did.append("update with refresh" if refresh else "update")
            if self.update_fails:
                raise self.update_fails
            return self.preview

        return SimpleNamespace(name="lab", preview=preview, update=update)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    world = World()
    at = "sutazai_infra.cli.update"
    monkeypatch.setattr(f"{at}.open_stack", lambda *_: world.opened())
    monkeypatch.setattr(
        f"{at}.engine_client",
        lambda: SimpleNamespace(
            close=lambda: world.did.append("close"), api=SimpleNamespace(images=lambda **_: [{"Id": "sha256:1"}])
        ),
    )
    monkeypatch.setattr(f"{at}.require_engine", lambda engine: engine)
    monkeypatch.setattr(f"{at}.host_step", lambda g, _: HostStep(g, world.work, world.skipped))
    monkeypatch.setattr(f"{at}.check_before_work", lambda *_: world.did.append("check"))
    monkeypatch.setattr(f"{at}.images_to_build", lambda *_: [])
    monkeypatch.setattr(f"{at}.look", world.look)
    monkeypatch.setattr(f"{at}.rotator", lambda *_: SimpleNamespace(finish=world.finish))
    monkeypatch.setattr(f"{at}.explain", lambda *_: ["log:", "  boom"])
    monkeypatch.setattr(f"{at}.images_of", lambda *_: {"api": "sha256:1"})
    monkeypatch.setattr(
        f"{at}.recording_of", lambda folder, _, reason: Recording(world.book, folder, Source, reason)
    )
    monkeypatch.setattr("sutazai_infra.operations.history.recording.previous_plan", lambda *_: None)
    monkeypatch.setattr(Project, "gather", lambda *_: world.gather())
    return world


def run() -> list[str]:
    stream = io.StringIO()
    console = Console(file=stream, width=80, highlight=False, markup=False)
    try:
        Update(Project(Path(), "lab"), console, yes=True, reason=Reason("a test")).run(None)
    finally:
        text = re.sub(r"\d+\.\d s", "T s", stream.getvalue())
        run.lines = [line.rstrip() for line in text.splitlines()]  # type: ignore[attr-defined]
    return list(run.lines)  # type: ignore[attr-defined]


def test_an_update_is_checked_previewed_done_and_looked_after(world: World) -> None:
    assert run() == [
        "✓ preview  2 to create (T s)",
        "  + 2 containers: api, redis",
        "✓ update   2 done (T s)",
        "✓ health   2 of 2 containers healthy (T s)",
        "  api              http://127.0.0.1:10010",
        "  update 1; back from it: sutazai rollback --stack lab",
        "next: sutazai status --stack lab; sutazai plan --stack lab; sutazai down --stack lab",
    ]
    assert world.did == ["check", "preview", "update", "close"]


def test_without_changes_there_is_no_update_but_a_health_check(world: World) -> None:
    world.preview = Outcome(unchanged=2)
    assert run()[:2] == ["✓ preview  no changes (T s)", "✓ health   2 of 2 containers healthy (T s)"]
    assert world.did == ["check", "preview", "close"]


def test_an_interrupted_rotation_is_finished_before_the_update_that_brings_it(world: World) -> None:
    world.unfinished = [["postgres-password"]]
    assert run()[0] == "  secret   postgres-password: its interrupted rotation is finished"
    assert world.did == ["check", "preview", "update", "close"]


@pytest.mark.parametrize("fails", [False, True])
def test_one_whose_server_was_away_is_finished_after_an_update_and_brought_by_another(
    world: World, fails: bool
) -> None:
    def finish() -> list[str]:
        world.update_fails = NO_IMAGE if fails and "update" not in world.did else None
        return ["postgres-password"] if world.did.count("update") == 1 else []

    world.finish = finish  # type: ignore[method-assign]
    run()
    assert world.did == ["check", "preview", "update", "check", "preview", "update", "close"]


def test_a_policy_violation_stops_before_anything_is_changed(world: World) -> None:
    world.preview = Outcome(CREATED.changes, violations=(Violation("host-budget", True, "too much"),))
    with pytest.raises(DeployError) as error:
        run()
    assert str(error.value) == "stack lab: refused by policy; nothing was changed"
    assert world.did == ["check", "preview", "close"]


def test_an_unhealthy_container_is_named_explained_and_an_error(world: World) -> None:
    world.health = {"redis": Health.STOPPED}
    world.preview = Outcome(unchanged=2)
    with pytest.raises(DeployError) as error:
        run()
    assert str(error.value) == "stack lab: not healthy: redis; see above, or `docker logs`"
    assert run.lines[-4:] == [  # type: ignore[attr-defined]
        "✓ health   1 of 2 containers healthy (T s)",
        "redis (sutazai-lab-redis) is stopped: Up",
        "    log:",
        "      boom",
    ]


def test_what_someone_stopped_by_hand_is_refreshed_and_started_again(world: World) -> None:
    world.health = {"redis": Health.STOPPED}
    with pytest.raises(DeployError):
        run()
    assert world.did == ["check", "preview with refresh", "update with refresh", "close"]


def test_a_stack_that_a_reboot_stopped_as_a_whole_is_started_again(world: World) -> None:
    world.health = {"api": Health.STOPPED, "redis": Health.STOPPED}
    with pytest.raises(DeployError):  # in this world nothing heals
        run()
    assert world.did == ["check", "preview with refresh", "update with refresh", "close"]


def test_a_stack_whose_containers_were_all_removed_is_made_again(world: World) -> None:
    world.deployed = True
    world.health = {"api": Health.MISSING, "redis": Health.MISSING}
    with pytest.raises(DeployError):
        run()
    assert world.did == ["check", "preview with refresh", "update with refresh", "close"]


def test_a_stack_that_is_not_there_yet_needs_no_refresh(world: World) -> None:
    world.health = {"redis": Health.MISSING, "api": Health.MISSING}
    with pytest.raises(DeployError):
        run()
    assert world.did == ["check", "preview", "update", "close"]


def test_a_failed_update_explains_the_sick_containers(world: World) -> None:
    world.update_fails, world.health = NO_IMAGE, {"redis": Health.UNHEALTHY}
    with pytest.raises(DeployError, match="redis: no such image"):
        run()
    assert "redis (sutazai-lab-redis) is unhealthy: Up" in run.lines  # type: ignore[attr-defined]


def test_the_host_is_prepared_after_it_was_shown_what_changes(world: World) -> None:
    diff = HostDiff((CgroupDiff("/sutazai/lab/web", "created"),))

    def prepare() -> HostDiff:
        world.did.append("prepare")
        return diff

    world.work = HostWork(diff, prepare)
    assert run()[:2] == ["  + /sutazai/lab/web created", "✓ host     pool cgroups prepared (T s)"]
    assert world.did == ["check", "prepare", "preview", "update", "close"]


def test_a_host_that_is_not_prepared_says_why(world: World) -> None:
    world.skipped = "only root can: sudo sutazai host prepare --stack lab"
    assert run()[0] == "  host     pool cgroups: only root can: sudo sutazai host prepare --stack lab"


def test_an_update_is_kept_with_what_it_did_and_how_it_ended(world: World) -> None:
    run()
    (kept,) = world.book.updates()
    assert (kept.number, kept.message, kept.result, kept.error) == (1, "a test", Result.SUCCEEDED, "")
    assert (kept.changes, kept.images) == ({"create": 2}, {"api": "sha256:1"})
    assert kept.health == HealthResult(healthy=2, wanted=2)
    assert kept.ledger_after == PLAN.ledger
    assert world.book.plan(1) == PLAN
    assert world.messages == ["sutazai update 1: a test"]


def test_what_changes_nothing_or_is_refused_is_no_update(world: World) -> None:
    world.preview = Outcome(unchanged=2)
    run()
    world.preview = Outcome(CREATED.changes, violations=(Violation("host-budget", True, "too much"),))
    with pytest.raises(DeployError):
        run()
    assert world.book.updates() == ()


def test_an_update_that_leaves_somebody_sick_is_kept_as_that(world: World) -> None:
    world.health = {"redis": Health.STOPPED}
    with pytest.raises(DeployError):
        run()
    (kept,) = world.book.updates()
    assert kept.result is Result.UNHEALTHY
    assert kept.health == HealthResult(healthy=1, wanted=2, sick=("redis",))
    assert kept.error == "stack lab: not healthy: redis; see above, or `docker logs`"


@pytest.mark.parametrize(
    ("error", "result"),
    [
        (DeployError("redis: no such image"), Result.FAILED),
        (StoppedError("stopped by you"), Result.INTERRUPTED),
        (KeyboardInterrupt(), Result.INTERRUPTED),
    ],
)
def test_an_update_that_fails_or_is_stopped_is_kept_as_that(
    world: World, error: BaseException, result: Result
) -> None:
    world.update_fails = error
    with pytest.raises(type(error)):
        run()
    (kept,) = world.book.updates()
    assert kept.result is result
    assert kept.error == (str(error) or "KeyboardInterrupt")


@pytest.mark.usefixtures("world")
def test_what_would_stand_in_the_way_of_going_back_is_told_before() -> None:
    assert "going back" not in "\n".join(run())
    assert "  going back from this: update 1: its files weren't kept, " in "\n".join(run())


def test_what_was_in_force_before_is_kept_beside_what_is_now(world: World) -> None:
    world.deployed = True
    run()
    (kept,) = world.book.updates()
    assert kept.ledger_before == PLAN.ledger != ()
