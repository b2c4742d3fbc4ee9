"""What a service may not say about itself, word for word."""

from __future__ import annotations

from typing import Any

import pytest

from sutazai_infra.model.errors import ConfigError
from sutazai_infra.model.service import Kind, PriorityClass, SecretFile, Service


def _described(**changed: Any) -> dict[str, Any]:
    described = {
        "name": "api",
        "pool": "main",
        "priority": "high",
        "image": "any",
        "requests": {"cpu": 0.5, "memory": "64Mi"},
        "limits": {"cpu": 1, "memory": "128Mi"},
        "ports": [{"container": 8080}],
        "probe": {"http": {"port": 8080, "path": "/health"}},
        **changed,
    }
    return {key: value for key, value in described.items() if value is not ...}


def _refusal(**changed: Any) -> str:
    with pytest.raises(ConfigError) as refused:
        Service.parsed("api", _described(**changed))
    return str(refused.value)


def test_a_service_is_read_with_its_defaults() -> None:
    service = Service.parsed("api", _described())
    assert (service.kind, service.enabled, service.stop_grace) == (Kind.SERVICE, True, 10)
    assert (service.requests.cpu, service.limits.memory) == (500, 128)


def test_a_space_at_an_arguments_or_a_settings_end_is_a_part_of_it() -> None:
    probe = {"command": ["grep", "-q", "up "]}
    service = Service.parsed("api", _described(command=["cut", "-d", " "], env={"BETWEEN": ", "}, probe=probe))

    assert (service.command, service.env) == (("cut", "-d", " "), {"BETWEEN": ", "})
    assert service.probe is not None
    assert service.probe.command == ("grep", "-q", "up ")


def test_a_probe_must_ask_a_port_that_the_service_listens_on() -> None:
    assert _refusal(probe={"tcp": {"port": 8000}}) == (
        "api: probe: port 8000 is none of the ports that api listens on (8080)"
    )


def test_a_probe_of_a_service_without_ports_says_that_it_has_none() -> None:
    assert _refusal(ports=[]) == "api: probe: port 8080 is none of the ports that api listens on (none)"


def test_a_resident_service_needs_a_health_check() -> None:
    assert _refusal(probe=...) == "api: probe: api has none; every resident service has a health check"


@pytest.mark.parametrize("kind", ["job", "tool"])
def test_a_job_or_tool_needs_none(kind: str) -> None:
    assert Service.parsed("api", _described(kind=kind, probe=...)).probe is None


@pytest.mark.parametrize(
    ("probe", "given"),
    [({}, "none"), ({"http": {"port": 8080}, "command": ["ask"]}, "http and command")],
)
def test_a_probe_asks_in_exactly_one_way(probe: dict[str, Any], given: str) -> None:
    assert _refusal(probe=probe) == f"api: probe: give exactly one of http, tcp and command, not {given}"


@pytest.mark.parametrize(
    "command",
    [
        ["CMD-SHELL", "echo 'Neo4j ready'"],
        ["CMD", "true"],
        ["sh", "-c", "exit 0"],
        [],
    ],
)
def test_a_probe_that_can_never_fail_is_refused(command: list[str]) -> None:
    assert _refusal(probe={"command": command}) == (
        f"api: probe: {' '.join(command)!r} can never fail; probe what the service does"
    )


@pytest.mark.parametrize(
    "command", [["sh", "-c", "echo PING | nc 127.0.0.1 1 | grep -q PONG"], ["loki", "-health"]]
)
def test_a_probe_that_can_fail_is_taken(command: list[str]) -> None:
    assert Service.parsed("api", _described(probe={"command": command})).probe is not None


def test_a_request_above_the_limit_is_refused_with_the_way_out() -> None:
    assert _refusal(requests={"cpu": 2, "memory": "64Mi"}) == (
        "api: requests/cpu: 2000 is above the limit of 1000; raise the limit"
    )
    assert _refusal(requests={"cpu": 0, "memory": "1Gi"}) == (
        "api: requests/memory: 1024 is above the limit of 128; raise the limit"
    )


def test_a_limit_below_what_docker_takes_is_refused() -> None:
    assert _refusal(requests={"cpu": 0, "memory": "0Mi"}, limits={"cpu": 1, "memory": "4Mi"}) == (
        "api: limits/memory: 4 MiB is below Docker's minimum of 6 MiB"
    )
    assert _refusal(requests={"cpu": 0, "memory": "0Mi"}, limits={"cpu": 0, "memory": "64Mi"}) == (
        "api: limits/cpu: must be above 0"
    )


def test_a_service_that_is_off_says_why() -> None:
    assert _refusal(enabled=False) == "api: disabled_reason: say why api is off by default"


def test_a_secret_is_a_file_below_run_secrets() -> None:
    assert _refusal(secrets=[{"path": "/etc/password", "content": "x"}]) == (
        "api: secrets/0/path: String should match pattern '^/run/secrets/[^\\s:]+$', not '/etc/password'"
    )


def test_a_configuration_is_a_file_below_run_configs() -> None:
    assert _refusal(configs={"/etc/app.conf": "app"}) == (
        "api: configs//etc/app.conf: String should match pattern '^/run/configs/[^\\s:]+$', not '/etc/app.conf'"
    )


def test_a_secret_file_knows_its_secrets_and_keeps_its_last_line_whole() -> None:
    file = SecretFile.parsed("x", {"path": "/run/secrets/a", "content": "${one-name} ${a_setting} ${two-names}\n"})
    assert file.names == {"one-name", "two-names"}
    assert file.content.endswith("\n")


@pytest.mark.parametrize("name", ["Api", "api_1", "-api", "api-", "a" * 64, ""])
def test_a_name_that_is_no_host_name_is_refused(name: str) -> None:
    assert "api: name: String should match pattern" in _refusal(name=name)


def test_priorities_are_the_strategys_numbers() -> None:
    assert {p.value: p.value_points for p in PriorityClass} == {
        "critical": 1000,
        "high": 800,
        "medium": 600,
        "low": 400,
        "background": 200,
    }
