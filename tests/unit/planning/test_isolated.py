"""What is isolated meets nobody but who is linked to it."""

from __future__ import annotations

import pytest

from sutazai_infra.model.plan import Plan
from sutazai_infra.planning.planner import plan
from tests.unit.planning.golden_maps import real_catalogue
from tests.unit.planning.planning_samples import reference_host, settings


@pytest.fixture(scope="module")
def planned() -> Plan:
    return plan(real_catalogue(), reference_host(), settings(agents=3))


def test_the_engines_proxy_shares_a_network_with_the_container_exporter_alone(planned: Plan) -> None:
    networks = {row.instance: set(row.networks) for row in planned.residents}
    assert networks["engine-proxy"] == {"engine-proxy-from-container-exporter"}
    assert {name for name, joined in networks.items() if joined & networks["engine-proxy"]} == {
        "container-exporter",
        "engine-proxy",
    }


def test_no_other_service_has_a_socket_of_the_host() -> None:
    having = {one.name: set(one.sockets) for one in real_catalogue().services if one.sockets}
    assert having == {"engine-proxy": {"/var/run/docker.sock"}}
