"""The catalogue itself: the strategy's numbers and rules hold in the committed files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from sutazai_infra.inputs.catalogue import load_catalogue
from sutazai_infra.model.catalogue import Catalogue, ProbeClient
from sutazai_infra.model.service import Kind, PriorityClass, Service
from sutazai_infra.planning.mesh import mesh_urls
from sutazai_infra.planning.tuning import RULES, substituted, substituted_secrets, tuned

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "catalogue"
DATABASES = {"neo4j", "pgbouncer", "postgres", "redis"}
EXPORTERS = {
    "alertmanager",
    "blackbox-exporter",
    "container-exporter",
    "engine-proxy",
    "node-exporter",
    "postgres-exporter",
    "redis-exporter",
}

# Requests (cores, MiB), limits (cores, MiB).
STARTING_VALUES = {
    "backend": (0.8, 1024, 2, 2048),
    "frontend": (0.4, 512, 1, 1024),
    "gateway": (0.2, 128, 1, 256),
    "postgres": (0.9, 1024, 2, 2048),
    "redis": (0.4, 448, 1, 512),
    "pgbouncer": (0.1, 64, 1, 128),
    "ollama": (3, 4096, 4, 8192),
    "neo4j": (0.2, 1280, 2, 2048),
    "hardware-resource-optimizer": (0.1, 128, 1, 512),
    "health-monitor": (0.1, 64, 0.5, 256),
    "prometheus": (0.25, 384, 1, 1024),
    "grafana": (0.1, 192, 1, 1024),
    "chromadb": (0.2, 320, 1, 1024),
    "qdrant": (0.2, 256, 1, 1024),
    "agent-orchestrator": (0.006, 48, 0.5, 256),
    "pytorch": (1, 4096, 2, 4096),
    "tensorflow": (1, 4096, 2, 4096),
    "jax": (1, 4096, 2, 4096),
    "aider-cli": (0, 512, 1, 512),
    "gpt-engineer": (0, 512, 1, 512),
}

# What the real system's compose files run, and what became of it where the name is another or gone.
MAIN_COMPOSE = """
agentgpt agentzero ai-metrics-exporter aider alertmanager autogen autogpt awesome-code-ai backend blackbox-exporter
browser-use cadvisor chromadb code-improver context-framework crewai dify documind faiss finrobot flowise frontend
fsdp gpt-engineer grafana hardware-resource-optimizer health-monitor jax langflow letta llamaindex loki mcp-server
n8n neo4j node-exporter ollama opendevin pentestgpt postgres postgres-exporter privategpt prometheus promtail
pytorch qdrant redis redis-exporter semgrep service-hub shellgpt skyvern tabbyml tensorflow
"""
INFRASTRUCTURE_COMPOSE = """
consul kong-database kong-migration kong rabbitmq service-discovery health-check-server service-mesh-orchestrator
redis-service-mesh
"""
REPLACED = {
    "promtail",
    "kong-database",
    "kong-migration",
    "service-discovery",
    "health-check-server",
    "service-mesh-orchestrator",
    "redis-service-mesh",
}
NAMESAKES = {
    "aider": "aider-cli",
    "autogen": "autogen-job",
    "autogpt": "autogpt-cli",
    "awesome-code-ai": "awesome-code-ai-cli",
    "code-improver": "code-improver-cli",
    "crewai": "crewai-job",
    "finrobot": "finrobot-job",
}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(FOLDER)


def _residents(catalogue: Catalogue, pool: str) -> list[Service]:
    return [s for s in catalogue.services if s.pool == pool and s.enabled and s.kind is Kind.SERVICE]


def _sums(services: Iterable[Service]) -> tuple[int, int, int]:
    listed = list(services)
    return (
        sum(s.requests.cpu for s in listed),
        sum(s.requests.memory for s in listed),
        sum(s.limits.memory for s in listed),
    )


def _values(service: Service, catalogue: Catalogue) -> dict[str, str]:
    known = {"stack": "dev", "gateway_url": "https://localhost:10047", **mesh_urls(catalogue, service.pool)}
    if service.tuning is None:
        return known
    sized = catalogue.service(service.tuned_by or service.name)
    return known | tuned(service.tuning, memory_mib=sized.limits.memory, cores=sized.limits.cpu / 1000)


@pytest.mark.parametrize("name", STARTING_VALUES)
def test_a_service_has_the_starting_values_of_the_design(catalogue: Catalogue, name: str) -> None:
    service = catalogue.service(name)
    found = (
        service.requests.cpu / 1000,
        service.requests.memory,
        service.limits.cpu / 1000,
        service.limits.memory,
    )
    assert found == STARTING_VALUES[name]


def test_tier_1_requests_5_8_cores_and_7296_mib(catalogue: Catalogue) -> None:
    cpu, memory, limits = _sums(_residents(catalogue, "infrastructure"))
    assert (cpu, memory) == (5800, 7296)
    assert limits <= catalogue.pool("infrastructure").memory


def test_with_neo4j_tier_1_requests_exactly_its_quota_of_6_cores(catalogue: Catalogue) -> None:
    cpu, _, limits = _sums([*_residents(catalogue, "infrastructure"), catalogue.service("neo4j")])
    assert cpu == catalogue.tier(1).request_cpu == 6000
    assert limits > catalogue.pool("infrastructure").memory
    assert not catalogue.service("neo4j").enabled


def test_tier_2_without_agents_requests_1_1_cores_and_1632_mib(catalogue: Catalogue) -> None:
    assert _sums(_residents(catalogue, "agents"))[:2] == (1100, 1632)


def test_alertmanager_and_exporters_share_their_row_of_the_table(catalogue: Catalogue) -> None:
    assert _sums(catalogue.service(name) for name in EXPORTERS) == (150, 288, 512)


def test_51_agents_fit_into_tier_2_and_99_more_into_the_buffer(catalogue: Catalogue) -> None:
    agent = catalogue.service("agent-orchestrator").requests.memory
    left = catalogue.tier(2).request_memory - _sums(_residents(catalogue, "agents"))[1]
    assert left // agent == 51
    assert catalogue.tier(3).request_memory // agent >= 99


def test_there_are_the_69_agents_all_alike_but_for_identity_port_and_priority(catalogue: Catalogue) -> None:
    agents = [s for s in catalogue.services if s.kind is Kind.AGENT]
    assert len(agents) == 69
    own = {"name", "agent", "ports", "priority"}
    assert len({s.model_dump_json(exclude=own) for s in agents}) == 1
    assert sorted(s.ports[0].host or 0 for s in agents) == list(range(11000, 11069))


def test_groups_and_pools_are_declared_in_the_order_that_gives_them_their_cores(catalogue: Catalogue) -> None:
    assert [group.name for group in catalogue.groups] == ["web", "data", "llm", "agents"]
    assert [pool.name for pool in catalogue.pools] == ["infrastructure", "agents", "ml", "tools"]


def test_the_pools_memory_and_the_reserves_sum_to_the_host(catalogue: Catalogue) -> None:
    owners = [pool.memory for pool in catalogue.pools if pool.shares_buffer_with is None]
    assert sum(owners) == 27 * 1024


def test_monitoring_outranks_every_agent_job_and_tool(catalogue: Catalogue) -> None:
    monitoring = [catalogue.service(name) for name in (*EXPORTERS, "prometheus", "grafana")]
    others = [s for s in catalogue.services if s.kind is not Kind.SERVICE]
    assert min(s.priority.value_points for s in monitoring) > max(s.priority.value_points for s in others)


def test_tools_are_low_or_background(catalogue: Catalogue) -> None:
    tools = [s for s in catalogue.services if s.pool == "tools"]
    assert {s.priority for s in tools} == {PriorityClass.LOW, PriorityClass.BACKGROUND}


def test_every_service_of_the_real_system_is_declared_or_known_to_be_replaced(catalogue: Catalogue) -> None:
    names = {service.name for service in catalogue.services}
    assert len(MAIN_COMPOSE.split()) == 54
    assert {*MAIN_COMPOSE.split(), *INFRASTRUCTURE_COMPOSE.split()} - names == REPLACED


def test_a_namesake_of_an_agent_is_declared_beside_it(catalogue: Catalogue) -> None:
    for agent, other in NAMESAKES.items():
        assert catalogue.service(agent).kind is Kind.AGENT
        assert catalogue.service(other).kind in {Kind.JOB, Kind.TOOL}


def test_no_agent_job_or_tool_reaches_a_database(catalogue: Catalogue) -> None:
    for link in catalogue.links:
        if link.to in DATABASES:
            assert not link.from_pools, link.to
            assert all(catalogue.service(name).kind is Kind.SERVICE for name in link.from_services), link.to


def test_every_pool_but_the_first_reaches_the_gateway_alone(catalogue: Catalogue) -> None:
    reached = {link.to: set(link.from_pools) for link in catalogue.links if link.from_pools}
    assert reached == {"gateway": {"agents", "ml", "tools"}}


def test_calls_to_what_the_mesh_leads_to_go_through_it(catalogue: Catalogue) -> None:
    direct = [
        f"{service.name}: {key}"
        for service in catalogue.services
        for key, value in service.env.items()
        for target in catalogue.mesh.targets
        if f"//{target}:" in value
    ]
    assert direct == []


def test_the_ports_of_the_mesh_are_those_that_are_documented(catalogue: Catalogue) -> None:
    firsts = {pool: one.first_port for pool, one in catalogue.mesh.pools.items()}
    assert firsts == {"infrastructure": 8100, "agents": 8200, "ml": 8300, "tools": 8500}
    numbers = {name: target.number for name, target in catalogue.mesh.targets.items()}
    assert numbers == {"backend": 1, "ollama": 2, "chromadb": 3, "qdrant": 4}


def test_a_model_is_given_as_many_requests_as_it_answers_at_a_time(catalogue: Catalogue) -> None:
    cores = catalogue.service("ollama").limits.cpu / 1000
    parallel = tuned("ollama", memory_mib=8192, cores=cores)["num_parallel"]
    assert catalogue.mesh.targets["ollama"].requests_per_core * cores == int(parallel)


def test_dependencies_across_pools_have_a_link_or_go_through_the_mesh(catalogue: Catalogue) -> None:
    for service in catalogue.services:
        for needed in service.depends_on:
            other = catalogue.service(needed)
            links = [link for link in catalogue.links if link.to == needed]
            linked = any(service.pool in link.from_pools or service.name in link.from_services for link in links)
            linked = linked or needed in catalogue.mesh.targets
            assert other.pool == service.pool or linked, f"{service.name} -> {needed}"


def test_no_two_services_claim_one_host_port(catalogue: Catalogue) -> None:
    ports = Counter(port.host for s in catalogue.services for port in s.ports if port.host)
    assert [port for port, count in ports.items() if count > 1] == []


def test_no_setting_is_a_secret(catalogue: Catalogue) -> None:
    for service in catalogue.services:
        for key, value in service.env.items():
            named = any(word in key for word in ("PASSWORD", "SECRET_KEY", "TOKEN", "ENCRYPTION"))
            assert not named or value.startswith("/run/secrets/"), f"{service.name}: {key}"


def test_secrets_have_names_with_dashes_so_that_no_tuned_value_is_taken_for_one(catalogue: Catalogue) -> None:
    assert all("-" in name for name in catalogue.secrets)


def test_every_secret_volume_and_image_is_used(catalogue: Catalogue) -> None:
    used = {name for s in catalogue.services for secret in s.secrets for name in secret.names}
    # What snapshots are encrypted with is no service's.
    assert used | {"snapshot-password"} == set(catalogue.secrets)
    assert {m.volume for s in catalogue.services for m in s.mounts} == {v.name for v in catalogue.volumes}
    assert {s.image for s in catalogue.services} == set(catalogue.images)


def test_what_runs_as_root_or_writes_to_its_root_says_why(catalogue: Catalogue) -> None:
    for service in catalogue.services:
        if catalogue.images[service.image].user is None:
            assert service.root_user, service.name
    assert {s.name for s in catalogue.services if s.enabled and s.writable_root} == set()
    assert all(not s.capabilities for s in catalogue.services)


def test_no_service_that_is_asked_over_http_has_an_image_without_a_client(catalogue: Catalogue) -> None:
    for service in catalogue.services:
        if service.probe is not None and service.probe.command is None:
            assert catalogue.images[service.image].probe_client is not ProbeClient.NONE


def test_every_image_that_can_be_built_has_its_folder(catalogue: Catalogue) -> None:
    built = {image.built for image in catalogue.images.values() if image.built}
    monitoring = {"alertmanager", "prometheus"} | {
        f"{of}-exporter" for of in ("blackbox", "node", "postgres", "redis")
    }
    assert built == {"chromadb", "exporter", "haproxy", "pgbouncer", "postgres", "redis", "workload"} | monitoring
    assert all((ROOT / "images" / name / "Dockerfile").is_file() for name in built)


def test_every_placeholder_of_every_service_has_a_value(catalogue: Catalogue) -> None:
    for service in catalogue.services:
        values = _values(service, catalogue)
        command, env = substituted(service, values)
        files = substituted_secrets(service, values)
        assert not [text for text in (*command, *env.values()) if "${" in text], service.name
        assert {name for file in files for name in file.names} <= set(catalogue.secrets)


def test_every_rule_is_used_but_the_one_for_a_cache_that_nobody_runs(catalogue: Catalogue) -> None:
    assert set(RULES) - {service.tuning for service in catalogue.services} == {"redis-cache"}


def test_an_agent_tells_the_backend_who_it_is(catalogue: Catalogue) -> None:
    agent = catalogue.service("data-drift-detector")
    _, env = substituted(agent, _values(agent, catalogue))
    assert (env["AGENT_NAME"], env["AGENT_TYPE"], env["AGENT_ROLE"]) == (
        "data-drift-detector",
        "data-management",
        "data-monitoring",
    )


def test_an_agent_ends_its_task_before_it_is_killed(catalogue: Catalogue) -> None:
    agent = catalogue.service("data-drift-detector")
    assert int(agent.env["AGENT_SHUTDOWN_SECONDS"]) < agent.stop_grace
