"""The mesh: which port is whose, and what is refused of its description, word for word."""

from __future__ import annotations

from typing import Any

import pytest

from sutazai_infra.model.catalogue import Catalogue
from sutazai_infra.model.errors import ConfigError
from sutazai_infra.model.mesh import Mesh
from sutazai_infra.planning.mesh import mesh_urls
from tests.unit.render_configs.render_stack import catalogue, changed, described

POOL = {"first_port": 8100, "priority": "high", "ceiling": "critical"}


def refusal(*services: dict[str, Any], **changed: Any) -> list[str]:
    given = described(*services)
    with pytest.raises(ConfigError) as refused:
        Catalogue.parsed("sample", {**given, "mesh": {**given["mesh"], **changed}})
    return [line.removeprefix("sample: ") for line in str(refused.value).splitlines()]


def test_a_port_is_the_pools_first_and_the_targets_number() -> None:
    mesh = Mesh.parsed("mesh", {"pools": {"ml": POOL}, "targets": {"api": {"number": 7}}})
    assert mesh.port("ml", "api") == 8107
    assert list(mesh.listeners()) == [("ml", "api", 8107)]


def test_a_service_is_told_the_ports_of_its_own_pool() -> None:
    assert mesh_urls(catalogue(), "agents") == {
        "mesh_backend": "http://gateway:8201",
        "mesh_chromadb": "http://gateway:8203",
    }


def test_a_pool_that_does_not_call_is_told_none() -> None:
    assert mesh_urls(catalogue(), "tools") == {}


def test_a_dash_in_a_name_is_a_line_in_a_placeholder() -> None:
    of = catalogue()
    mesh = Mesh.parsed("mesh", {"pools": {"ml": POOL}, "targets": {"node-exporter": {"number": 9}}})
    urls = mesh_urls(of.model_copy(update={"mesh": mesh}), "ml")
    assert urls == {"mesh_node_exporter": "http://gateway:8109"}


def test_the_usual_class_is_not_above_the_ceiling() -> None:
    with pytest.raises(ConfigError) as refused:
        Mesh.parsed("mesh", {"pools": {"ml": {**POOL, "ceiling": "medium"}}})
    assert str(refused.value) == "mesh: pools/ml: priority: high is above the ceiling, medium; raise the ceiling"


@pytest.mark.parametrize(
    ("mesh", "problem"),
    [
        ({"gateway": "gatewy"}, "mesh/gateway: there is no service 'gatewy'"),
        ({"pools": {"mll": POOL}}, "mesh/pools/mll: there is no such pool"),
        (
            {"pools": {"tools": POOL}},
            "mesh/pools/tools: no link leads to gateway from it; add it to links/gateway",
        ),
        ({"targets": {"redis": {"number": 1}}}, "mesh/targets/redis: there is no such service"),
        (
            {"targets": {"node-exporter": {"number": 1}}},
            "mesh/targets/node-exporter: no link leads to it from gateway; add it to links/node-exporter",
        ),
        (
            {"pools": {"infrastructure": POOL, "ml": {**POOL, "first_port": 8098}}},
            "mesh/pools/ml/first_port: chromadb's port 8101 is that of infrastructure for backend already; "
            "choose another",
        ),
        (
            {"pools": {"infrastructure": {**POOL, "first_port": 8403}}},
            "mesh/pools/infrastructure/first_port: backend's port 8404 is gateway's stats already; choose another",
        ),
    ],
)
def test_a_listener_that_nobody_could_use_is_refused(mesh: dict[str, Any], problem: str) -> None:
    assert refusal(**mesh) == [problem]


def test_a_target_listens_somewhere() -> None:
    deaf = changed("chromadb", ports=(), probe={"command": ("asks", "itself")})
    assert refusal(deaf) == ["mesh/targets/chromadb: chromadb listens on no port"]


def test_without_a_mesh_nobody_needs_a_gateway() -> None:
    of = described()
    services = [one for one in of["services"] if one["name"] != "gateway"]
    links = [one for one in of["links"] if "gateway" not in {one["to"], *one.get("from_services", ())}]
    parsed = Catalogue.parsed("sample", {**of, "services": services, "links": links, "mesh": {}})
    assert parsed.mesh.targets == {}
