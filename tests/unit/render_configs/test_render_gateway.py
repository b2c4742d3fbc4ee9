"""The gateway: what of plan and catalogue its configuration follows, and what it doesn't."""

from __future__ import annotations

import re

import pytest

from tests.unit.render_configs.render_stack import changed, rendered, service


def sections(text: str) -> dict[str, list[str]]:
    """Read the configuration: first line of a section, without what it inherits, -> its lines."""
    parts: dict[str, list[str]] = {}
    for line in text.splitlines()[1:]:
        if line and not line.startswith(" "):
            parts[line.partition(" from ")[0]] = lines = []
        elif line:
            lines.append(line.strip())
    return parts


def gateway(*changes: object, **options: object) -> dict[str, list[str]]:
    return sections(rendered(*changes, **options)["haproxy"])  # type: ignore[arg-type]


def server(parts: dict[str, list[str]], name: str) -> str:
    (line,) = (line for line in parts[f"backend {name}"] if line.startswith("server-template "))
    return line


def most(parts: dict[str, list[str]]) -> dict[str, int]:
    """Read how many clients each listener takes, and the gateway."""
    found = {name: line for name, lines in parts.items() for line in lines if line.startswith("maxconn ")}
    return {name.removeprefix("frontend "): int(line.split()[1]) for name, line in found.items()}


def test_more_replicas_and_more_agents_leave_the_gateway_as_it_is() -> None:
    more = [service(f"agent-{n}", 8080, pool="agents", image="workload", kind="agent") for n in range(20)]
    assert rendered(*more, replicas={"backend": 3, "agent-far": 9})["haproxy"] == rendered()["haproxy"]


@pytest.mark.parametrize(("replicas", "slots"), [(1, 4), (4, 4), (5, 8), (9, 12)])
def test_there_are_places_for_more_replicas_than_there_are(replicas: int, slots: int) -> None:
    line = server(gateway(replicas={"backend": replicas}), "backend")
    assert line.startswith(f"server-template backend {slots} backend:8000 check ")


@pytest.mark.parametrize(("cores", "at_once"), [(2, 32), (0.5, 16)])
def test_what_a_server_takes_at_once_follows_its_cores(cores: float, at_once: int) -> None:
    parts = gateway(changed("backend", limits={"cpu": cores, "memory": "1Gi"}))
    assert f" maxconn {at_once} " in server(parts, "backend")


def test_what_the_mesh_says_of_a_target_is_what_it_is_given() -> None:
    parts = gateway()
    assert " maxconn 1 " in server(parts, "chromadb")
    assert parts["backend chromadb"][:2] == ["timeout queue 60s", "timeout server 300s"]
    assert parts["backend backend"][:2] == ["timeout queue 10s", "timeout server 60s"]
    assert "timeout client 360s" in parts["frontend mesh-agents-chromadb"]


def bound(parts: dict[str, list[str]], section: str) -> list[str]:
    """Read where a listener listens."""
    binds = [line.split()[1] for line in parts[f"frontend {section}"] if line.startswith("bind ")]
    return [address.strip('"') for bind in binds for address in bind.split(",")]


def at(network: str, port: int) -> str:
    return f"${{HOSTNAME}}.${{NETWORKS}}-{network}:{port}"


def test_each_pool_has_a_listener_for_each_target_in_the_networks_that_its_services_are_in() -> None:
    parts = gateway()
    listeners = [name.removeprefix("frontend ") for name in parts if name.startswith("frontend mesh-")]
    agents = ["to-chromadb", "to-gateway-from-agents"]
    assert {name: bound(parts, name) for name in listeners} == {
        "mesh-infrastructure-backend": [at("infrastructure", 8101)],
        "mesh-infrastructure-chromadb": [at("infrastructure", 8103)],
        "mesh-agents-backend": [at(network, 8201) for network in agents],
        "mesh-agents-chromadb": [at(network, 8203) for network in agents],
        "mesh-ml-backend": [at("to-gateway-from-ml", 8301)],
        "mesh-ml-chromadb": [at("to-gateway-from-ml", 8303)],
    }


def test_the_listener_of_a_pool_without_services_is_reached_by_nobody() -> None:
    assert bound(gateway(without=("agent-far",)), "mesh-ml-backend") == ["127.0.0.1:8301"]


def test_the_entrance_takes_from_inside_a_few_probes_in_their_pools_class() -> None:
    lines = gateway()["frontend entrance"]
    inside = [line for line in lines if line.startswith("bind ")][1:]
    assert [line.split(" alpn h2,http/1.1 ")[1] for line in inside] == [f"maxconn 16 id {n}" for n in (2, 3, 4)]
    assert bound(gateway(), "entrance") == [
        at(network, 8443)
        for network in ("infrastructure", "to-chromadb", "to-gateway-from-agents", "to-gateway-from-ml")
    ]
    assert [line for line in classes(gateway(), "entrance") if "so_id" in line] == [
        "str(medium) if { so_id 2 }",
        "str(medium) if { so_id 3 }",
        "str(low) if { so_id 4 }",
    ]


def test_a_target_that_is_not_in_the_stack_has_no_listener() -> None:
    parts = gateway(without=("chromadb",))
    assert not [name for name in parts if "chromadb" in name]


def test_pools_share_half_of_the_connections_by_their_memory() -> None:
    # 256 MiB, half of it for connections of 64 KiB each; 16 aside; half for the entrance; three pools of one size.
    assert most(gateway()) == {"global": 2048, "entrance": 1016} | {
        f"mesh-{pool}-{target}": 1016 // 3 // 2
        for pool in ("infrastructure", "agents", "ml")
        for target in ("backend", "chromadb")
    }


def test_a_gateway_with_less_memory_takes_fewer_clients_in_all() -> None:
    counts = most(gateway(overrides={"gateway": {"memory_limit": "128Mi"}}))
    assert (counts.pop("global"), counts["entrance"]) == (1024, 504)
    assert sum(counts.values()) <= 1024 - 16


def test_the_entrance_speaks_tls_and_both_versions_of_http() -> None:
    binds = [line.split(" ", 2)[2] for line in gateway()["frontend entrance"] if line.startswith("bind ")]
    assert binds[0] == "ssl crt /run/secrets/gateway.pem alpn h2,http/1.1 backlog 1024 id 1"
    assert all(bind.startswith("ssl crt /run/secrets/gateway.pem alpn h2,http/1.1 ") for bind in binds)
    assert "ssl-default-bind-options ssl-min-ver TLSv1.2 no-tls-tickets" in gateway()["global"]


def test_paths_lead_to_services_of_the_stack_and_all_else_to_pages() -> None:
    def ways(parts: dict[str, list[str]]) -> list[str]:
        return [line for line in parts["frontend entrance"] if "_backend " in line]

    assert ways(gateway()) == [
        "use_backend backend if { path /api } || { path_beg /api/ }",
        "use_backend prometheus if { path /prometheus } || { path_beg /prometheus/ }",
        "use_backend alertmanager if { path /alertmanager } || { path_beg /alertmanager/ }",
        "use_backend grafana if { path /grafana } || { path_beg /grafana/ }",
        "default_backend frontend",
    ]
    assert ways(gateway(without=("grafana", "prometheus"))) == [
        "use_backend backend if { path /api } || { path_beg /api/ }",
        "use_backend alertmanager if { path /alertmanager } || { path_beg /alertmanager/ }",
        "default_backend frontend",
    ]


def test_a_way_leads_only_to_where_there_is_a_common_network() -> None:
    apart = changed("grafana", pool="tools")
    assert "backend grafana" in gateway()
    assert "backend grafana" not in gateway(apart)


def test_the_gateway_waits_for_names_that_are_not_there_yet() -> None:
    text = rendered(without=("frontend",))["haproxy"]
    assert "init-addr none" in text
    assert "server-template frontend 4 frontend:8501 " in text


def classes(parts: dict[str, list[str]], listener: str) -> list[str]:
    return [
        line.partition("set-var(txn.priority) ")[2]
        for line in parts[f"frontend {listener}"]
        if "set-var(txn.priority)" in line
    ]


def test_a_request_has_its_pools_class_unless_it_names_one_below_the_pools_ceiling() -> None:
    asked = "var(txn.asked)"
    assert "http-request set-var(txn.asked) req.hdr(x-sutazai-priority)" in gateway()["frontend mesh-ml-backend"]
    assert classes(gateway(), "mesh-ml-backend") == [
        "str(low)",
        f"{asked} if {{ {asked} -m str medium low background }}",
        f"str(medium) if {{ {asked} -m str critical high }}",
    ]
    assert classes(gateway(), "entrance")[:2] == [
        "str(high)",
        f"{asked} if {{ {asked} -m str critical high medium low background }}",
    ]


def test_higher_classes_are_taken_from_the_queue_first() -> None:
    pattern = r"set-priority-class int\((-\d+)\) if \{ var\(txn.priority\) -m str (\w+) \}"
    lines = re.findall(pattern, rendered()["haproxy"])
    ordered = [name for _, name in sorted((int(number), name) for number, name in lines)]
    assert ordered == ["critical", "high", "medium", "low", "background"]


def test_only_what_changes_nothing_is_sent_again_once_it_may_have_been_received() -> None:
    parts = gateway()
    assert "http-request disable-l7-retry unless { method GET HEAD OPTIONS }" in parts["defaults targets"]
    claims = "http-request disable-l7-retry if { path,url_dec -m beg /api/tasks/next/ }"
    assert [name for name, lines in parts.items() if claims in lines] == ["backend backend"]


def test_each_target_is_checked_by_its_own_probe() -> None:
    elsewhere = changed("chromadb", probe={"http": {"port": 8000, "path": "/api/v2/heartbeat"}})
    checks = "http-check send meth GET uri {} ver HTTP/1.1 hdr host {}"
    parts = gateway(elsewhere)
    assert checks.format("/api/v2/heartbeat", "chromadb") in parts["backend chromadb"]
    assert checks.format("/health", "backend") in parts["backend backend"]
    assert "http-check disable-on-404" in parts["defaults targets"]


def test_who_is_about_to_leave_is_asked_where_there_is_nobody_else() -> None:
    rules = [
        line for line in gateway(replicas={"backend": 5})["backend backend"] if line.startswith("use-server ")
    ]
    assert rules == [f"use-server backend{n} if {{ nbsrv eq 0 }} {{ srv_is_up(backend{n}) }}" for n in range(1, 9)]


def test_the_gateway_ends_by_itself_before_it_is_killed() -> None:
    assert "hard-stop-after 25s" in gateway()["global"]
