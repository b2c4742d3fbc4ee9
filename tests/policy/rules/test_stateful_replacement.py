"""On a host that was asked, whoever would be replaced with its data is named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pulumi_policy import EnforcementLevel
from sutazai_policy.judge import Judge, Surroundings
from sutazai_policy.rule import Violation
from sutazai_policy.rules.stateful_replacement import RULE

from tests.policy.engine_double import EngineDouble, closed_port, served
from tests.policy.stacks import (
    LEFT_OUT,
    REMOTE_IMAGE,
    STOPPED,
    TODAY,
    UNKNOWN,
    Secret,
    Stack,
    messages,
    small_stack,
)

_KEPT = ", and keeps data in shop-data: back that up first, and expect it to be away meanwhile"
_NOWHERE = ", and keeps its data in no volume: copy it out first, or give it one"
_VOLUME = {"volumeName": "shop-data", "containerPath": "/data"}
_REDIS_PORT = {"internal": 6379, "external": 16379, "ip": "127.0.0.1"}
_DNS_PORT = {"internal": 53, "protocol": "udp"}
_REGISTERED: dict[str, Any] = {
    "name": "shop-redis",
    "volumes": [_VOLUME],
    "image": "redis:7.4.1",
    "envs": ["A=b", "EMPTY="],
    "labels": [{"label": "sutazai.pool", "value": "infrastructure"}, {"label": "bare", "value": ""}],
    "ports": [_REDIS_PORT, _DNS_PORT],
    "entrypoints": ["/init"],
    "command": ["redis-server", "/etc/redis.conf"],
    "user": "999:999",
}
_RUNS: dict[str, Any] = {
    "labels": {"sutazai.pool": "infrastructure", "bare": "", "of-the-image": "yes"},
    "ports": {
        "6379/tcp": [{"HostIp": "127.0.0.1", "HostPort": "16379"}],
        "53/udp": [{"HostIp": "", "HostPort": ""}],
    },
    "Image": "redis:7.4.1",
    "Env": ["A=b", "EMPTY=", "PATH=/bin"],
    "Entrypoint": ["/init"],
    "Cmd": ["redis-server", "/etc/redis.conf"],
    "User": "999:999",
}

_Judged = Callable[..., list[Violation]]


@pytest.fixture
def engine() -> EngineDouble:
    """Return the reference host, on which the stack's database runs as it is registered."""
    engine = EngineDouble(cores=12, memory_mib=30085)
    engine.run("shop-redis", **_RUNS)
    return engine


@pytest.fixture
def judged(engine: EngineDouble, tmp_path: Path) -> Iterator[_Judged]:
    """Judge a stack beside that engine."""
    with served(engine, tmp_path / "docker.sock") as environ:

        def judge(stack: Stack, **settings: Any) -> list[Violation]:
            surroundings = Surroundings(stacks_file=None, environ=environ, today=TODAY)
            given = {RULE.name: {"host": "auto", **settings}}
            return Judge(stack.resources(), [RULE], given, surroundings).violations(RULE)

        yield judge


def _stack(**changes: Any) -> Stack:
    return small_stack().change("redis", **(_REGISTERED | changes))


def _texts(found: list[Violation]) -> list[str]:
    return [one.message for one in found]


def _message(named: str, kept: str = _KEPT) -> str:
    return f"redis is replaced, since {named} from what runs{kept}"


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"memory": 600, "cpuSet": "2-3", "restart": "no"},
        {"name": "/shop-redis"},
        {"image": "sha256:0123"},
        {"envs": LEFT_OUT, "labels": LEFT_OUT, "entrypoints": LEFT_OUT, "command": LEFT_OUT, "user": LEFT_OUT},
        {"envs": [], "labels": [], "entrypoints": [], "command": [], "user": ""},
        {"envs": [Secret("A=b"), None], "user": Secret("999:999")},
        {"ports": [_DNS_PORT, _REDIS_PORT]},
        {"ports": [_REDIS_PORT | {"protocol": "tcp"}, _DNS_PORT | {"external": 0, "ip": "0.0.0.0"}]},  # noqa: S104
    ],
)
def test_passes_what_is_not_replaced(judged: _Judged, changes: dict[str, Any]) -> None:
    assert judged(_stack(**changes)) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "shop-other", "user": "0"},
        {"name": LEFT_OUT, "user": "0"},
        {"name": UNKNOWN, "user": "0"},
        {"image": "debian:12.8", "volumes": []},
        {"image": "debian:12.8", "volumes": [_VOLUME | {"readOnly": True}]},
    ],
)
def test_passes_what_does_not_run_or_keeps_nothing(judged: _Judged, changes: dict[str, Any]) -> None:
    assert judged(_stack(**changes)) == []


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"image": "redis:7.4.2"}, "image differs"),
        ({"image": "sha256:0124"}, "image differs"),
        ({"envs": ["A=c"]}, "envs differs"),
        ({"envs": ["A=b", "NEW=1"]}, "envs differs"),
        ({"labels": [{"label": "sutazai.pool", "value": "agents"}]}, "labels differs"),
        ({"labels": [{"label": "new", "value": ""}]}, "labels differs"),
        ({"ports": LEFT_OUT}, "ports differs"),
        ({"ports": [_REDIS_PORT]}, "ports differs"),
        ({"ports": [_REDIS_PORT, {"internal": 53}]}, "ports differs"),
        ({"ports": [_REDIS_PORT | {"external": 16380}, _DNS_PORT]}, "ports differs"),
        ({"ports": [_REDIS_PORT | {"internal": 6380}, _DNS_PORT]}, "ports differs"),
        ({"ports": [_REDIS_PORT | {"ip": "10.0.0.1"}, _DNS_PORT]}, "ports differs"),
        ({"entrypoints": ["/other"]}, "entrypoints differs"),
        ({"command": ["redis-server"]}, "command differs"),
        ({"command": ["/etc/redis.conf", "redis-server"]}, "command differs"),
        ({"user": "1000"}, "user differs"),
        ({"user": "1000", "name": "/shop-redis"}, "user differs"),
        ({"image": "redis:8", "command": ["redis"], "user": "0"}, "image, command, user differ"),
    ],
)
def test_refuses_to_replace_a_writer_unannounced(judged: _Judged, changes: dict[str, Any], named: str) -> None:
    stack = _stack(**changes)

    (found,) = judged(stack)

    assert found.message == _message(named)
    assert found.urn == stack.urn("redis")


def test_refuses_for_every_volume_that_it_writes_to(judged: _Judged) -> None:
    stack = _stack(user="0", volumes=[_VOLUME, {"volumeName": Secret("logs"), "containerPath": "/logs"}])

    kept = _KEPT.replace("shop-data", "shop-data, (secret)")
    assert _texts(judged(stack)) == [_message("user differs", kept)]


def test_refuses_to_replace_a_database_without_a_volume(judged: _Judged) -> None:
    assert _texts(judged(_stack(volumes=[], user="0"))) == [_message("user differs", _NOWHERE)]


def test_refuses_for_an_unknown_image_by_what_it_comes_from(judged: _Judged) -> None:
    stack = small_stack().add("image", {"name": "redis:8"}, REMOTE_IMAGE)
    redis = _REGISTERED | {"image": UNKNOWN, "volumes": [], "labels": LEFT_OUT}
    stack.remove("redis").add("redis", {}, depends={"image": [stack.urn("image", REMOTE_IMAGE)]})

    assert _texts(judged(stack.change("redis", **redis))) == [_message("image differs", _NOWHERE)]


def test_refuses_to_replace_a_stopped_one_that_runs_all_the_same(judged: _Judged) -> None:
    stack = _stack(user="0", **STOPPED)

    assert _texts(judged(stack)) == [_message("user differs")]


def test_obeys_the_databases_that_are_named(judged: _Judged) -> None:
    stack = _stack(image="debian:12.8", volumes=[])

    assert judged(stack, databases=["agent"]) == []
    assert _texts(judged(stack, databases=["redis"])) == [_message("image differs", _NOWHERE)]


def test_obeys_a_declared_host_and_asks_nobody(engine: EngineDouble, judged: _Judged) -> None:
    assert judged(_stack(user="0"), host="reference") == []
    assert engine.asked == []
    assert messages(RULE, _stack(user="0")) == []


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"image": UNKNOWN}, "image"),
        ({"image": LEFT_OUT}, "image"),
        ({"image": 7}, "image"),
        ({"envs": UNKNOWN}, "envs"),
        ({"envs": [UNKNOWN]}, "envs"),
        ({"envs": [Secret(UNKNOWN)]}, "envs"),
        ({"labels": UNKNOWN}, "labels"),
        ({"labels": [{"label": UNKNOWN, "value": "x"}]}, "labels"),
        ({"labels": [{"label": "bare", "value": UNKNOWN}]}, "labels"),
        ({"ports": UNKNOWN}, "ports"),
        ({"ports": [UNKNOWN]}, "ports"),
        ({"ports": [_REDIS_PORT, _DNS_PORT | {"internal": UNKNOWN}]}, "ports"),
        ({"ports": [_REDIS_PORT, _DNS_PORT | {"external": UNKNOWN}]}, "ports"),
        ({"ports": [_REDIS_PORT, _DNS_PORT | {"ip": UNKNOWN}]}, "ports"),
        ({"ports": [_REDIS_PORT | {"protocol": UNKNOWN}, _DNS_PORT]}, "ports"),
        ({"command": UNKNOWN}, "command"),
        ({"command": ["redis-server", UNKNOWN]}, "command"),
        ({"entrypoints": [7]}, "entrypoints"),
        ({"user": UNKNOWN}, "user"),
    ],
)
def test_unknown_may_be_anything_else(judged: _Judged, changes: dict[str, Any], named: str) -> None:
    assert _texts(judged(_stack(**changes))) == [_message(f"{named} differs")]


def test_only_containers_of_the_stack_are_asked_about(engine: EngineDouble, judged: _Judged) -> None:
    engine.run("stranger", Image="postgres:17")
    engine.run("shop-redis-2", **_RUNS)
    engine.run("gone")
    del engine.answers["/containers/id-of-gone/json"]

    assert judged(_stack().change("agent", name="gone", volumes=[_VOLUME])) == []
    inspected = [f"/containers/id-of-{name}/json" for name in ("shop-redis", "gone")]
    assert engine.asked == ["/info", "/containers/json", *inspected]


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"Config": None, "HostConfig": None, "Image": None},
        {
            "Config": {"Image": 1, "Env": "x", "Labels": [], "Cmd": 5, "User": None},
            "HostConfig": {"PortBindings": 5},
        },
        {"HostConfig": {"PortBindings": {"6379/tcp": None, "53/udp": ["x"]}}},
    ],
)
def test_odd_answers_are_read_as_nothing(engine: EngineDouble, judged: _Judged, answer: Any) -> None:
    engine.answers["/containers/id-of-shop-redis/json"] = answer

    every = "image, envs, labels, ports, entrypoints, command, user differ"
    assert _texts(judged(_stack())) == [_message(every)]
    assert _texts(judged(_stack(ports=[]))) == [_message(every.replace("ports, ", ""))]


def test_an_engine_that_can_not_be_asked_is_told() -> None:
    address = f"tcp://127.0.0.1:{closed_port()}"
    surroundings = Surroundings(stacks_file=None, environ={"DOCKER_HOST": address}, today=TODAY)
    judge = Judge(_stack().resources(), [RULE], {RULE.name: {"host": "auto"}}, surroundings)

    assert [text.partition(": the engine")[0] for text in _texts(judge.violations(RULE))] == [
        "host: auto has to ask Docker"
    ]


def test_it_advises_and_stops_nobody() -> None:
    assert RULE.level is EnforcementLevel.ADVISORY
