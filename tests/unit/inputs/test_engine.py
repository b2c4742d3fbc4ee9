"""What an engine says about itself, and what others take of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import docker
import pytest
from docker.errors import DockerException, NotFound
from requests.exceptions import ReadTimeout

from sutazai_infra.inputs.engine import EngineContainer, look_at_engine
from sutazai_infra.model.host import Foreign

MIB = 1024 * 1024


class Engine:
    """An engine with some containers; `host` is what inspecting one of them says."""

    def __init__(self, listed: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        self.api = self
        self.listed = listed or {}
        self.closed = False

    def info(self) -> dict[str, Any]:
        return {"NCPU": 4, "MemTotal": 8192 * MIB + 5, "CgroupDriver": "systemd", "CgroupVersion": "2"}

    def containers(self, *, all: bool) -> list[dict[str, Any]]:  # noqa: A002  docker-py's name
        assert all
        return [
            {
                "Id": name,
                "Names": [f"/{name}"],
                "State": entry.get("state", "running"),
                "Labels": {"sutazai.stack": entry["stack"]} if "stack" in entry else None,
                "Ports": entry.get("ports"),
            }
            for name, entry in self.listed.items()
        ]

    def inspect_container(self, name: str) -> dict[str, Any]:
        if "host" not in self.listed[name]:
            raise NotFound(name)
        return {"HostConfig": self.listed[name]["host"]}

    def stats(self, name: str, **_: Any) -> dict[str, Any]:
        return {"memory_stats": {"usage": self.listed[name].get("usage", 0)}}

    def close(self) -> None:
        self.closed = True


def answer(monkeypatch: pytest.MonkeyPatch, engine: Engine) -> None:
    monkeypatch.setattr(docker, "from_env", lambda timeout: engine)  # noqa: ARG005  docker-py's name


def test_no_engine_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(timeout: int) -> None:
        raise DockerException(f"nobody within {timeout} s")

    monkeypatch.setattr(docker, "from_env", fail)

    assert look_at_engine("shop") is None


def test_an_engine_that_stops_answering_is_none_and_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent(Engine):
        def info(self) -> dict[str, Any]:
            raise ReadTimeout

    engine = Silent()
    answer(monkeypatch, engine)

    assert look_at_engine("shop") is None
    assert engine.closed


def test_its_size_and_cgroups_are_its_own_words(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine()
    answer(monkeypatch, engine)

    facts = look_at_engine("shop")

    assert facts is not None
    assert (facts.cores, facts.memory_mib, facts.systemd) == (4, 8192, True)
    assert facts.info == {"CgroupDriver": "systemd", "CgroupVersion": "2", "KernelVersion": ""}
    assert engine.closed


def test_containers_are_told_with_their_stack_and_the_ports_that_they_hold(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ports = [{"PublicPort": 80, "PrivatePort": 8080}, {"PrivatePort": 9}]
    answer(monkeypatch, Engine({"web": {"stack": "shop", "ports": ports}, "old": {"state": "exited"}}))

    facts = look_at_engine("shop")

    assert facts is not None
    assert facts.containers == (
        EngineContainer(name="web", stack="shop", running=True, host_ports=frozenset({80})),
        EngineContainer(name="old", stack=None, running=False),
    )
    assert facts.foreign == ()


@pytest.mark.parametrize(
    ("entry", "cpu", "memory"),
    [
        ({"host": {"MemoryReservation": 64 * MIB, "Memory": 128 * MIB, "CpuShares": 512}}, 500, 64),
        ({"host": {"MemoryReservation": 0, "Memory": 128 * MIB, "CpuShares": 1024}}, 0, 128),
        ({"host": {"CpuShares": 0}, "usage": 70 * MIB}, 0, 128),
        ({"host": {}, "usage": 1}, 0, 64),
        ({"host": {}, "usage": 0}, 0, 0),
    ],
    ids=["reservation", "limit", "use, rounded up", "the least that is counted", "nothing"],
)
def test_foreigners_are_charged_what_they_reserve_or_may_take_or_use(
    monkeypatch: pytest.MonkeyPatch, entry: Mapping[str, Any], cpu: int, memory: int
) -> None:
    answer(monkeypatch, Engine({"guest": {**entry, "stack": "other"}}))

    facts = look_at_engine("shop")

    assert facts is not None
    assert facts.foreign == (Foreign(name="guest", cpu=cpu, memory_mib=memory),)


def test_a_foreigner_that_goes_meanwhile_is_no_charge(monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, Engine({"gone": {}, "stays": {"host": {"Memory": 64 * MIB}}}))

    facts = look_at_engine("shop")

    assert facts is not None
    assert [foreign.name for foreign in facts.foreign] == ["stays"]
