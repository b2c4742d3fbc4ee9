"""Exporter and proxy in a stack of the program's own: they see it, and nobody else reaches the engine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.image_lab import execute
from tests.integration.stack_lab import StackLab, eventually

pytestmark = pytest.mark.engine

WATCHED = ["redis", "container-exporter", "engine-proxy"]
ASKS = ["busybox", "wget", "-q", "-O", "-"]
EXCEPTED = ("engine-socket", "host-paths", "root-user")


@pytest.fixture(scope="module")
def watched(swept: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackLab]:
    del swept
    with StackLab.opened(tmp_path_factory.mktemp("watched")) as opened:
        opened.settings |= {"services": {"only": WATCHED}, "agents": "0"}
        opened.configure()
        opened.up(*opened.with_pack(**{rule: exception() for rule in EXCEPTED})).worked()
        yield opened


def exception() -> dict[str, Any]:
    excepted = {"service": "engine-proxy", "reason": "as in the file of the stacks", "expires": "2027-06-30"}
    return {"exceptions": [excepted]}


def metrics(lab: StackLab) -> str:
    return execute(lab.container("container-exporter"), *ASKS, "http://127.0.0.1:9105/metrics").stdout


def test_all_of_the_stack_is_seen_and_healthy(watched: StackLab) -> None:
    def healthy() -> set[str]:
        names = re.findall(
            r'^sutazai_container_healthy\{.*[{,]name="([^"]+)".*\} 1.0$', metrics(watched), re.MULTILINE
        )
        return set(names)

    assert eventually(lambda: healthy() == set(WATCHED)), metrics(watched)
    ledger = next(line for line in watched.plan()["ledger"] if line["scope"] == "tier 2")
    told = f'sutazai_ledger_used{{dimension="cpu requests",scope="tier 2",unit="cores"}} {ledger["used"]}\n'
    assert told in metrics(watched)


def test_the_proxy_is_on_its_link_alone_and_has_the_socket_without_a_capability(watched: StackLab) -> None:
    proxy = watched.container("engine-proxy").attrs
    link = f"sutazai-{watched.stack}-engine-proxy-from-container-exporter"
    assert set(proxy["NetworkSettings"]["Networks"]) == {link}
    assert [m["Source"] for m in proxy["Mounts"] if m["Type"] == "bind"] == ["/var/run/docker.sock"]
    assert (proxy["HostConfig"]["CapDrop"], proxy["HostConfig"]["CapAdd"]) == (["ALL"], None)
    assert proxy["HostConfig"]["ReadonlyRootfs"] is True
    assert proxy["Config"]["User"] == "0:0"


def test_who_is_of_its_pool_or_another_does_not_reach_it(watched: StackLab) -> None:
    proxy = watched.container("engine-proxy").attrs
    (network,) = proxy["NetworkSettings"]["Networks"].values()
    connect = f"exec 3<>/dev/tcp/{network['IPAddress']}/2375"
    done = execute(watched.container("redis"), "timeout", "3", "bash", "-c", connect)
    assert done.returncode != 0
    ping = ["http://engine-proxy:2375/_ping"]
    assert execute(watched.container("container-exporter"), *ASKS, *ping).stdout == "OK"


def test_a_second_update_finds_nothing_to_change(watched: StackLab) -> None:
    assert watched.up().worked().changes == {}
