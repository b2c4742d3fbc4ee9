"""What would make an update fail halfway is told before it starts, all of it at once."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import docker
import pytest
from docker.errors import DockerException, NotFound
from requests.exceptions import ReadTimeout

from sutazai_infra.inputs.engine import EngineContainer, EngineFacts
from sutazai_infra.model.host import Host
from sutazai_infra.operations.preflight import PreflightError, check
from tests.unit.operations.gathered_samples import MIB, engine, gathered

NAME = "sutazai-shop-frontend"


class Client:
    """The engine's client: the images that are there, and the one container that runs."""

    def __init__(
        self, *tags: str, running: dict[str, Any] | None = None, memory: dict[str, Any] | None = None
    ) -> None:
        self.api = self
        self.tags, self.running, self.memory = tags, running, memory or {}
        self.claimed: dict[str, list[dict[str, Any]]] = {}

    def images(self) -> list[dict[str, Any]]:
        return [{"RepoTags": list(self.tags)}, {"RepoTags": None}]

    def volumes(self) -> dict[str, Any]:
        return {"Volumes": self.claimed.get("volume")}

    def networks(self) -> list[dict[str, Any]]:
        return self.claimed.get("network", [])

    def inspect_container(self, name: str) -> dict[str, Any]:
        if self.running is None:
            raise NotFound(name)
        return self.running

    def stats(self, name: str, **_: Any) -> dict[str, Any]:
        assert name == NAME
        return {"memory_stats": self.memory}

    def close(self) -> None:
        pass


@pytest.fixture(autouse=True)
def client(monkeypatch: pytest.MonkeyPatch) -> Client:
    return answer(monkeypatch, Client())


def answer(monkeypatch: pytest.MonkeyPatch, double: Client) -> Client:
    monkeypatch.setattr(docker, "from_env", lambda: double)
    return double


def problems(facts: EngineFacts | None = None, host: Host | None = None, **changes: Any) -> list[str]:
    what = gathered(facts or engine(), host, **changes)
    try:
        check(what, what.declare(what.plan()))
    except PreflightError as error:
        return str(error).splitlines()
    return []


def test_an_engine_with_nothing_in_the_way_passes() -> None:
    assert problems() == []


def test_without_an_engine_it_says_how_to_get_one() -> None:
    what = gathered(None)

    with pytest.raises(PreflightError) as refused:
        check(what, what.declare(what.plan()))

    assert str(refused.value) == (
        "engine: no Docker engine answers at DOCKER_HOST or the default socket; start one (`make toolchain` "
        "installs and starts it), or set DOCKER_HOST"
    )


def test_a_declared_host_that_is_not_this_one_is_told() -> None:
    assert problems(engine(cores=2, memory_mib=16000)) == [
        "host: the stack declares 12 cores and the engine has 2; deploy it there",
        "host: the stack declares 30085 MiB and the engine has 16000 MiB; deploy it there, or declare less",
    ]


@pytest.mark.parametrize(("stack", "owner"), [(None, "nobody's stack"), ("mall", "stack mall")])
def test_a_name_that_somebody_has_is_told(stack: str | None, owner: str) -> None:
    there = EngineContainer(name=NAME, stack=stack, running=False)

    assert problems(engine(containers=(there,))) == [
        f"services/frontend: a container named {NAME} is there already ({owner}); "
        f"rename or remove it: docker rm -f {NAME}"
    ]


def test_the_name_of_a_pools_file_carrier_is_wanted_too() -> None:
    there = EngineContainer(name="sutazai-shop-infrastructure-files", stack=None, running=False)

    assert problems(engine(containers=(there,)), services={"only": ["redis"]}) == [
        "pools/infrastructure: a container named sutazai-shop-infrastructure-files is there already "
        "(nobody's stack); rename or remove it: docker rm -f sutazai-shop-infrastructure-files"
    ]


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("volume", "sutazai-shop-redis-data"),
        ("volume", "sutazai-shop-files-redis"),  # secrets would be written into it
        ("network", "sutazai-shop-infrastructure"),
    ],
)
def test_a_volume_or_network_of_somebody_else_is_never_taken_over(client: Client, kind: str, name: str) -> None:
    redis: dict[str, Any] = {"services": {"only": ["redis", "frontend"]}}
    client.claimed[kind] = [{"Name": name, "Labels": None}, {"Name": "other", "Labels": {}}]

    assert problems(**redis) == [
        f"{kind} {name} is there already and not of stack shop; rename or remove it: docker {kind} rm {name}"
    ]
    client.claimed[kind][0]["Labels"] = {"sutazai.stack": "shop"}
    assert problems(**redis) == []


def test_more_networks_than_the_engine_has_addresses_for_are_told(client: Client) -> None:
    guests = [{"Name": f"guest-{number}", "Driver": "bridge", "Labels": None} for number in range(3)]
    client.claimed["network"] = [*guests, {"Name": "host", "Driver": "host", "Labels": None}]

    assert problems(engine(networks_at_most=4)) == []
    assert problems(engine(networks_at_most=3)) == [
        "networks: this stack's 1 and 3 that are there make 4 of 3 that the engine has addresses for; remove "
        "unused ones (docker network prune), or give it more: default-address-pools in "
        '/etc/docker/daemon.json, as in [{"base": "10.64.0.0/12", "size": 24}]'
    ]


@pytest.mark.parametrize(
    ("secrets", "told"),
    [
        (
            "{}",
            [
                "services/postgres: its data is there already (sutazai-shop-postgres-data), made with "
                "postgres-password, which STATE/secrets/shop.json doesn't have; restore that file, or give the "
                "data up: docker volume rm sutazai-shop-postgres-data"
            ],
        ),
        ('{"postgres-password": "x"}', []),
    ],
)
def test_data_whose_password_nobody_knows_is_not_started_upon(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, secrets: str, told: list[str]
) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}")
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/shop.json").write_text(secrets)
    # Redis reads its password at every start: nothing of it is in its data.
    client.claimed["volume"] = [
        {"Name": f"sutazai-shop-{name}-data", "Labels": {"sutazai.stack": "shop"}}
        for name in ("postgres", "redis")
    ]

    found = problems(services={"only": ["postgres", "redis"]})

    assert [line.replace(str(tmp_path), "STATE") for line in found] == told


def test_a_port_of_another_container_is_told() -> None:
    there = EngineContainer(name="guest", stack=None, running=True, host_ports=frozenset({9000}))

    assert problems(engine(containers=(there,)), publish={"frontend": 9000}) == [
        "publish/frontend: port 9000 on 127.0.0.1 is taken by container guest; choose another"
    ]


def test_a_port_of_a_process_is_told() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]

        assert problems(publish={"frontend": port}) == [
            f"publish/frontend: port {port} on 127.0.0.1 is taken by another process; choose another"
        ]


def test_a_port_that_the_container_has_itself_is_no_obstacle(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        own = EngineContainer(name=NAME, stack="shop", running=True, host_ports=frozenset({port}))
        answer(monkeypatch, Client())

        assert problems(engine(containers=(own,)), publish={"frontend": port}) == []


def test_images_that_are_not_built_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    what = gathered(engine(), images="built")
    reference = what.declare(what.plan()).containers[0].image

    assert problems(images="built") == [
        f"images: {reference} isn't built on this engine; run `sutazai images build` (`make up` does)"
    ]
    answer(monkeypatch, Client(reference))
    assert problems(images="built") == []


def test_a_preview_needs_no_images() -> None:
    what = gathered(engine(), images="built")

    check(what, what.declare(what.plan()), updating=False)


@pytest.mark.parametrize("error", [DockerException, ReadTimeout])
def test_an_engine_that_goes_meanwhile_is_told(monkeypatch: pytest.MonkeyPatch, error: type[Exception]) -> None:
    def fail() -> None:
        raise error("gone")

    monkeypatch.setattr(docker, "from_env", fail)

    assert problems() == ["engine: can't list its volumes and networks: gone"]


def test_an_engine_that_goes_before_its_containers_are_looked_at_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    clients = [Client()]

    def once() -> Client:
        if not clients:
            raise ReadTimeout("gone")
        return clients.pop()

    monkeypatch.setattr(docker, "from_env", once)
    own = EngineContainer(name=NAME, stack="shop", running=True)

    assert problems(engine(containers=(own,))) == ["engine: can't look at its containers: gone"]


def test_pool_cgroups_that_are_required_must_be_prepared() -> None:
    assert problems(pool_cgroups="required") == [
        "pool_cgroups: required, but not prepared on this host; run `sutazai host prepare --stack shop` as root, "
        "or set pool_cgroups to auto"
    ]


def test_all_reasons_are_told_at_once() -> None:
    guest = EngineContainer(name="guest", stack=None, running=True, host_ports=frozenset({9000}))
    there = EngineContainer(name=NAME, stack=None, running=False)

    assert len(problems(engine(cores=2, containers=(guest, there)), publish={"frontend": 9000})) == 3


def lowered(monkeypatch: pytest.MonkeyPatch, memory: dict[str, Any], **config: Any) -> list[str]:
    """Lower the frontend's limit from 1024 to 128 MiB."""
    small: dict[str, Any] = {"overrides": {"frontend": {"memory_request": "64Mi", "memory_limit": "128Mi"}}}
    what = gathered(engine(), **small)
    wanted = what.declare(what.plan()).containers[0]
    shown = {"Image": wanted.image, "Cmd": [*wanted.command], "Env": [f"{k}={v}" for k, v in wanted.env.items()]}
    running = {"HostConfig": {"Memory": 1024 * MIB}, "Config": {**shown, **config}}
    answer(monkeypatch, Client(running=running, memory=memory))
    own = EngineContainer(name=NAME, stack="shop", running=True)
    return problems(engine(containers=(own,)), **small)


@pytest.mark.parametrize("idle", ["inactive_file", "total_inactive_file"])
def test_memory_is_not_lowered_below_what_is_used(monkeypatch: pytest.MonkeyPatch, idle: str) -> None:
    assert lowered(monkeypatch, {"usage": 200 * MIB, "stats": {idle: 20 * MIB}}) == [
        "services/frontend: uses 180 MiB of its new limit of 128 MiB; give it at least 180 MiB, or stop it first: "
        f"docker stop {NAME}"
    ]


def test_file_cache_does_not_count_as_used(monkeypatch: pytest.MonkeyPatch) -> None:
    assert lowered(monkeypatch, {"usage": 200 * MIB, "stats": {"inactive_file": 72 * MIB}}) == []


@pytest.mark.parametrize("config", [{"Image": "older:1"}, {"Cmd": ["other"]}, {"Env": []}])
def test_a_container_that_is_replaced_may_get_less(
    monkeypatch: pytest.MonkeyPatch, config: dict[str, Any]
) -> None:
    assert lowered(monkeypatch, {"usage": 200 * MIB}, **config) == []
