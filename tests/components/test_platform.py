"""A whole stack without an engine: who is made of what, below whom, and after whom."""

from __future__ import annotations

import json

import pytest

from sutazai_infra.model.container import MountSpec, NetworkSpec, StackSpec, VolumeSpec
from sutazai_infra.model.plan import Plan
from tests.components.recording import Recording, record, secrets_in
from tests.components.specs import container, platform, secret_file, stack

OWN = NetworkSpec(key="infrastructure", name="sutazai-shop-infrastructure", internal=False)
LINK = NetworkSpec(key="backend-from-agents", name="sutazai-shop-backend-from-agents", internal=True)
DATA = VolumeSpec(key="redis-data", name="sutazai-shop-redis-data", data=True)
SCRATCH = VolumeSpec(key="scratch", name="sutazai-shop-scratch", data=False)


def shop() -> StackSpec:
    """Two pools, a link, a data volume, a secret; the backend needs Redis, the agent the backend."""
    mounts = (MountSpec(volume=DATA.name, path="/data", read_only=False),)
    return stack(
        container("redis", mounts=mounts, files=(secret_file(),), awaited=True),
        container("backend", depends_on=("redis",), networks=(OWN.name, LINK.name), awaited=True),
        container(
            "agent", pool="agents", tier=2, image="workload:1", networks=(LINK.name,), depends_on=("backend",)
        ),
        networks=(OWN, LINK),
        volumes=(DATA, SCRATCH),
    )


@pytest.fixture(scope="module")
def recording() -> Recording:
    return record(lambda: platform(shop()))


def test_platform_holds_pools_and_pools_hold_services(recording: Recording) -> None:
    assert {name: pool.parent for name, pool in recording.of_type("Pool").items()} == {
        "pool-infrastructure": "shop",
        "pool-agents": "shop",
    }
    assert {name: service.parent for name, service in recording.of_type("Service").items()} == {
        "redis": "pool-infrastructure",
        "backend": "pool-infrastructure",
        "agent": "pool-agents",
    }


def test_a_pools_network_is_its_own_and_links_are_the_platforms(recording: Recording) -> None:
    networks = recording.of_type("Network")

    assert {name: (n.inputs["name"], n.inputs["internal"], n.parent) for name, n in networks.items()} == {
        "net-infrastructure": ("sutazai-shop-infrastructure", False, "pool-infrastructure"),
        "net-backend-from-agents": ("sutazai-shop-backend-from-agents", True, "shop"),
    }


def test_data_volumes_are_protected_and_kept_and_others_are_not(recording: Recording) -> None:
    volumes = recording.of_type("Volume")

    assert (volumes["vol-redis-data"].protect, volumes["vol-redis-data"].retain) == (True, True)
    assert (volumes["vol-scratch"].protect, volumes["vol-scratch"].retain) == (False, False)
    assert not volumes["vol-files-redis"].protect


def test_a_stack_that_keeps_no_data_protects_nothing() -> None:
    kept = record(lambda: platform(shop(), keep_data=False)).seen

    assert not [r for r in kept if r.protect or r.retain]


def test_a_service_is_started_after_what_it_needs(recording: Recording) -> None:
    containers = recording.of_type("Container")

    assert {"net-infrastructure", "vol-redis-data", "infrastructure-files"} <= _above(recording, "redis")
    assert "redis" in _above(recording, "backend")
    assert "backend" in _above(recording, "agent")
    order = list(containers)
    assert order.index("redis") < order.index("backend") < order.index("agent")


def _above(recording: Recording, instance: str) -> frozenset[str]:
    """What a service's container waits for: the engine spreads a component's dependencies over its children."""
    return recording.one("Service", instance).needs | recording.one("Container", instance).needs


def test_every_image_is_there_before_a_container_of_it(recording: Recording) -> None:
    images = {r.inputs["name"]: r for r in recording.of_type("RemoteImage").values()}

    assert set(images) == {"sutazai/redis:1", "workload:1"}
    assert {r.inputs["keepLocally"] for r in images.values()} == {True}
    assert images["workload:1"].name in _above(recording, "agent")


def test_secrets_are_marked_and_only_in_the_files_of_who_reads_them(recording: Recording) -> None:
    marked = {r.name: secrets_in(r.inputs) for r in recording.seen if secrets_in(r.inputs)}

    assert list(marked) == ["infrastructure-files"]
    assert "hunter2" not in json.dumps(
        [dict(r.inputs) for r in recording.seen if r.name != "infrastructure-files"]
    )


def test_the_carrier_of_files_never_runs_and_can_do_nothing(recording: Recording) -> None:
    given = recording.one("Container", "infrastructure-files").inputs

    assert (given["start"], given["mustRun"], given["networkMode"]) == (False, False, "none")
    assert given["memory"] == given["memorySwap"] == 6
    assert given["capabilities"] == {"drops": ["ALL"]}


def test_a_pool_without_files_has_no_carrier(recording: Recording) -> None:
    assert list(recording.of_type("Files")) == ["infrastructure-files"]


def test_its_output_is_the_plan_without_what_is_not_its_own(recording: Recording) -> None:
    plan = Plan.model_validate_json(recording.outputs["shop"]["plan"])

    assert [row.name for row in plan.residents] == ["redis"]
    assert plan.host.foreign == ()


def test_every_component_tells_what_it_is_made_of(recording: Recording) -> None:
    assert recording.outputs["pool-agents"] == {"pool": "agents", "services": ["sutazai-shop-agent"]}
    assert recording.outputs["infrastructure-files"] == {"volumes": ["sutazai-shop-files-redis"]}
    components = {r.name for r in recording.seen if r.type.startswith("sutazai:")}
    assert components <= set(recording.outputs)
