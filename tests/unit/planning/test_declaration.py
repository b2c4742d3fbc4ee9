"""From the plan to containers, networks and volumes, down to the last flag."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sutazai_infra.inputs.catalogue import load_catalogue
from sutazai_infra.model.catalogue import Catalogue
from sutazai_infra.model.container import ContainerSpec, HealthSpec, PortSpec, StackSpec
from sutazai_infra.model.errors import ConfigError
from sutazai_infra.model.host import Host
from sutazai_infra.model.service import Probe
from sutazai_infra.model.settings import Settings
from sutazai_infra.planning.declaration import Target, declare, full_name, pool_cgroups
from sutazai_infra.planning.planner import plan
from sutazai_infra.render.configs import render_configs

IMAGES = {name: f"sutazai/{name}:1" for name in ("postgres", "redis", "pgbouncer", "workload", "haproxy")}
DEV: dict[str, Any] = {
    "services": {"only": ["postgres", "redis", "pgbouncer", "backend", "frontend", "gateway"]},
    "agents": 2,
    "images": "built",
    "probe_share": 1,
}
BUILT = Target("shop", IMAGES, {})
REFERENCE = Host.scaled(12, 30085)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(Path(__file__).parents[3] / "catalogue")


def spec(catalogue: Catalogue, host: Host = REFERENCE, target: Target = BUILT, **changes: Any) -> StackSpec:
    settings = Settings.parsed("test", {**DEV, **changes})
    resolved = plan(catalogue, host, settings)
    configs = render_configs(resolved, catalogue, settings)
    return declare(resolved, catalogue, settings, replace(target, configs=configs))


def one(stack: StackSpec, instance: str) -> ContainerSpec:
    return next(container for container in stack.containers if container.instance == instance)


def test_everything_has_the_stacks_name(catalogue: Catalogue) -> None:
    stack = spec(catalogue)

    assert full_name("shop", "redis") == "sutazai-shop-redis"
    names = [c.name for c in stack.containers] + [n.name for n in stack.networks] + [v.name for v in stack.volumes]
    assert [name for name in names if not name.startswith("sutazai-shop-")] == []


def test_the_engines_proxy_is_root_with_the_socket_and_its_asker_knows_the_stack(catalogue: Catalogue) -> None:
    only = {"only": ["engine-proxy", "container-exporter"]}
    stack = spec(catalogue, services=only, agents=0, images="upstream")
    proxy, exporter = one(stack, "engine-proxy"), one(stack, "container-exporter")

    assert (proxy.user, proxy.sockets, proxy.capabilities) == ("0:0", ("/var/run/docker.sock",), ())
    assert proxy.networks == ("sutazai-shop-engine-proxy-from-container-exporter",)
    assert (exporter.user, exporter.sockets, exporter.env["STACK"]) == ("10001:10001", (), "shop")


def test_a_file_is_delivered_as_it_was_rendered_to_its_last_line_end(catalogue: Catalogue) -> None:
    only = {"only": ["engine-proxy", "container-exporter"]}
    stack = spec(catalogue, services=only, agents=0, images="upstream")

    (file,) = one(stack, "engine-proxy").files
    assert file.content.endswith("\n")


def test_a_command_is_delivered_to_its_last_space(catalogue: Catalogue) -> None:
    given = {"command": ("cut", " "), "env": {"BETWEEN": ", "}}
    probe = Probe(command=("grep", "up "))
    services = tuple(
        service.model_copy(update={**given, "probe": probe}) if service.name == "redis" else service
        for service in catalogue.services
    )
    found = one(spec(catalogue.model_copy(update={"services": services})), "redis")

    assert (found.command, found.env["BETWEEN"]) == (("cut", " "), ", ")
    assert found.health.test == ("CMD", "grep", "up ")


def test_containers_come_after_what_they_need(catalogue: Catalogue) -> None:
    stack = spec(catalogue)
    seen: set[str] = set()

    for container in stack.containers:
        assert set(container.depends_on) <= seen
        seen.add(container.instance)
    assert one(stack, "backend").depends_on == ("redis", "pgbouncer")


def test_only_who_is_needed_by_somebody_is_waited_for(catalogue: Catalogue) -> None:
    awaited = {container.instance for container in spec(catalogue).containers if container.awaited}

    assert awaited == {"postgres", "redis", "pgbouncer", "backend", "gateway"}


def test_the_replicas_of_a_needed_service_wait_for_one_another(catalogue: Catalogue) -> None:
    stack = spec(catalogue, overrides={"backend": {"replicas": 3}, "frontend": {"replicas": 2}})

    assert one(stack, "backend").depends_on == ("redis", "pgbouncer")
    assert one(stack, "backend-2").depends_on == ("redis", "pgbouncer", "backend")
    assert one(stack, "backend-3").depends_on == ("redis", "pgbouncer", "backend-2")
    assert all(one(stack, name).awaited for name in ("backend", "backend-2", "backend-3"))
    assert one(stack, "gateway").depends_on == ("backend", "backend-2", "backend-3")
    assert one(stack, "frontend-2").depends_on == ("gateway",)


def test_only_networks_that_somebody_joins_and_volumes_that_somebody_mounts(catalogue: Catalogue) -> None:
    stack = spec(catalogue)

    assert {n.key: n.internal for n in stack.networks} == {
        "infrastructure": False,
        "agents": False,
        "gateway-from-agents": True,
        "postgres-from-pgbouncer": True,
        "redis-from-backend": True,
    }
    assert {v.key: v.data for v in stack.volumes} == {"postgres-data": True, "redis-data": True}


def test_agents_share_a_network_with_the_gateway_alone(catalogue: Catalogue) -> None:
    stack = spec(catalogue)
    agent = set(one(stack, "agent-orchestrator").networks)

    assert {c.instance for c in stack.containers if agent & set(c.networks) and c.pool != "agents"} == {"gateway"}


def test_calls_go_to_the_listener_of_the_callers_pool(catalogue: Catalogue) -> None:
    stack = spec(catalogue)

    assert one(stack, "agent-orchestrator").env["BACKEND_URL"] == "http://gateway:8201"
    assert one(stack, "frontend").env["BACKEND_URL"] == "http://gateway:8101"
    assert one(stack, "backend").env["OLLAMA_BASE_URL"] == "http://gateway:8102"


def test_agents_start_after_the_gateway_and_that_after_the_backend(catalogue: Catalogue) -> None:
    stack = spec(catalogue)

    assert one(stack, "gateway").depends_on == ("backend",)
    assert set(one(stack, "agent-orchestrator").depends_on) == {"backend", "gateway"}
    assert one(stack, "frontend").depends_on == ("gateway",)


def test_an_image_is_the_built_one_or_the_upstream_one_with_its_user(catalogue: Catalogue) -> None:
    built, pulled = (one(spec(catalogue, images=source), "redis") for source in ("built", "upstream"))
    image = catalogue.images["redis"]

    assert (built.image, built.user) == ("sutazai/redis:1", image.built_user)
    assert (pulled.image, pulled.user) == (image.upstream, image.user)


def test_a_twin_that_knows_another_user_needs_no_root_where_upstreams_image_knows_none(
    catalogue: Catalogue,
) -> None:
    reason = {"root_user": "upstream's image knows no other user"}
    services = tuple(s.model_copy(update=reason) if s.name == "redis" else s for s in catalogue.services)
    rooted = catalogue.model_copy(update={"services": services})
    images = {**catalogue.images, "redis": catalogue.images["redis"].model_copy(update={"user": None})}
    unnamed = rooted.model_copy(update={"images": images})

    assert one(spec(rooted), "redis").user == "0:0"
    assert one(spec(unnamed, images="upstream"), "redis").user == "0:0"
    assert one(spec(unnamed), "redis").user == images["redis"].built_user


def test_an_image_that_has_no_folder_is_told(catalogue: Catalogue) -> None:
    with pytest.raises(ConfigError) as refused:
        spec(catalogue, target=Target("shop", {}, {}))

    assert str(refused.value) == "catalogue/images/postgres: built: there is no folder images/postgres"


def test_secrets_are_files_by_name_and_never_in_the_environment(catalogue: Catalogue) -> None:
    backend = one(spec(catalogue), "backend")

    assert {file.path: file.content for file in backend.files if file.secret} == {
        "/run/secrets/postgres_password": "${postgres-password}",
        "/run/secrets/redis_password": "${redis-password}",
    }
    assert not [value for value in backend.env.values() if "${" in value]


def test_a_rendered_configuration_is_a_file_beside_the_secrets(catalogue: Catalogue) -> None:
    files = {file.path: file for file in one(spec(catalogue), "pgbouncer").files}

    assert files["/run/secrets/userlist.txt"].secret
    assert not files["/run/configs/pgbouncer.ini"].secret
    assert "[databases]" in files["/run/configs/pgbouncer.ini"].content


def test_settings_follow_the_limits(catalogue: Catalogue) -> None:
    assert "384mb" in one(spec(catalogue), "redis").command
    more = {"redis": {"memory_limit": "1Gi"}}
    assert "768mb" in one(spec(catalogue, overrides=more), "redis").command


def test_only_what_the_stack_publishes_is_published_and_only_by_the_first_replica(catalogue: Catalogue) -> None:
    stack = spec(catalogue, publish={"frontend": 9000}, overrides={"frontend": {"replicas": 2}})

    assert sum(c.service == "frontend" for c in stack.containers) == 2
    assert [c.ports for c in stack.containers if c.ports] == [(PortSpec(container=8501, host=9000),)]


@pytest.mark.parametrize(
    ("publish", "port"), [({}, "8443"), ({"gateway": 10047}, "10047")], ids=["not published", "published"]
)
def test_prometheus_leads_its_reader_back_through_the_gateway(
    catalogue: Catalogue, publish: dict[str, int], port: str
) -> None:
    only = {"only": ["gateway", "prometheus"]}
    stack = spec(catalogue, services=only, agents=0, images="upstream", publish=publish)

    (url,) = (part for part in one(stack, "prometheus").command if part.startswith("--web.external-url="))
    assert url == f"--web.external-url=https://localhost:{port}/prometheus/"


def test_a_port_named_https_is_reached_over_tls(catalogue: Catalogue) -> None:
    stack = spec(catalogue, publish={"frontend": 9000, "gateway": 9001})

    assert {c.service: p.url for c in stack.containers for p in c.ports} == {
        "frontend": "http://127.0.0.1:9000",
        "gateway": "https://127.0.0.1:9001",
    }


def test_a_health_check_is_probed_at_the_plans_pace(catalogue: Catalogue) -> None:
    settings = Settings.parsed("test", DEV)
    row = next(r for r in plan(catalogue, REFERENCE, settings).residents if r.name == "redis")

    assert one(spec(catalogue), "redis").health == HealthSpec(
        test=("CMD", "redis-cli", "-e", "--no-auth-warning", "--user", "probe", "--pass", "any", "ping"),
        interval_ms=row.probe_interval_ms,
        timeout_s=5,
        retries=5,
        start_period_s=60,
    )


def test_a_cpu_limit_is_given_unless_the_host_has_no_more(catalogue: Catalogue) -> None:
    assert one(spec(catalogue), "postgres").cpus == 2.0
    small: dict[str, Any] = {"fit": "scale", "services": {"only": ["postgres"]}, "agents": 0}
    assert one(spec(catalogue, Host.scaled(2, 8192), **small), "postgres").cpus is None


def test_containers_sit_below_their_pools_cgroup_where_those_are_prepared(catalogue: Catalogue) -> None:
    prepared = REFERENCE.model_copy(update={"pool_cgroups": True})

    assert one(spec(catalogue), "redis").cgroup_parent is None
    assert one(spec(catalogue, prepared), "redis").cgroup_parent == "/sutazai/shop/infrastructure"
    slices = spec(catalogue, prepared, replace(BUILT, systemd=True))
    assert one(slices, "agent-orchestrator").cgroup_parent == "sutazai-shop-agents.slice"


def test_a_pools_cgroup_has_its_weight_memory_processes_and_cores(catalogue: Catalogue) -> None:
    resolved = plan(catalogue, REFERENCE, Settings.parsed("test", DEV))

    cgroups = {cgroup.pool: cgroup for cgroup in pool_cgroups(resolved, "shop")}

    assert set(cgroups) == {"infrastructure", "agents", "ml", "tools"}
    web, agents = cgroups["infrastructure"], cgroups["agents"]
    assert (web.weight, web.pids, web.memory_mib) == (4000, 4096, resolved.pool("infrastructure").memory_mib)
    assert web.weight >= 2 * sum(cgroup.weight for cgroup in cgroups.values() if cgroup is not web)
    assert agents.core_set == resolved.pool("agents").core_set
    assert all(cgroup.core_set for cgroup in cgroups.values())


def test_a_service_that_listens_nowhere_can_not_be_published(catalogue: Catalogue) -> None:
    deaf = catalogue.model_copy(
        update={
            "services": tuple(
                s.model_copy(update={"ports": ()}) if s.name == "redis" else s for s in catalogue.services
            )
        }
    )

    with pytest.raises(ConfigError) as refused:
        spec(deaf, publish={"redis": 9000})

    assert str(refused.value) == "settings: publish/redis: redis listens on no port"


def test_the_database_is_reached_by_the_pooler_alone(catalogue: Catalogue) -> None:
    stack = spec(catalogue)
    database = set(one(stack, "postgres").networks)

    assert {c.instance for c in stack.containers if database & set(c.networks)} == {"postgres", "pgbouncer"}


def test_the_queue_is_reached_by_the_backend_alone(catalogue: Catalogue) -> None:
    stack = spec(catalogue)
    queue = set(one(stack, "redis").networks)

    assert {c.instance for c in stack.containers if queue & set(c.networks)} == {"redis", "backend"}
