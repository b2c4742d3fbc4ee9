"""The engine's proxy, run as the stack runs it, before the real engine: what it lets through, and what never."""

from __future__ import annotations

import re
import socket
import subprocess
from collections.abc import Iterator
from http.client import HTTPConnection
from uuid import uuid4

import docker
import pytest
from docker.errors import NotFound
from docker.models.containers import Container

from sutazai_infra.operations.images import build_images
from tests.integration.debian_tools import DebianTools
from tests.integration.exporter_lab import ExporterLab, write_configs
from tests.integration.image_lab import IMAGES, Lab, eventually, execute

pytestmark = pytest.mark.engine

CONNECTS = ["python3", "-c", "import socket, sys; socket.create_connection((sys.argv[1], 2375), timeout=3)"]
HEAD = "Host: engine\r\nConnection: close\r\n"


@pytest.fixture(scope="module")
def client() -> Iterator[docker.DockerClient]:
    opened = docker.from_env()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def lab(client: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    build_images(["python", "pgbouncer"], IMAGES, client)
    made = Lab(client, tmp_path_factory.mktemp("secrets"))
    yield made
    made.clean()


@pytest.fixture(scope="module")
def proxied(lab: Lab, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> ExporterLab:
    tools = DebianTools(request.config.cache.mkdir("debian-tools"))
    found = ExporterLab(lab, write_configs(tmp_path_factory.mktemp("configs")), tools)
    found.start_proxy()
    eventually(lambda: answer(found, "GET", "/_ping") == 200)
    return found


@pytest.fixture(scope="module")
def victim(proxied: ExporterLab) -> Container:
    """Return a container that nobody may touch."""
    return proxied.start("victim", "busybox", "sleep", "600")


def sent(proxied: ExporterLab, text: str) -> bytes:
    """Send what no client would, and read all that is answered; nothing where the connection is just closed."""
    host, _, port = proxied.proxy.partition(":")
    with socket.create_connection((host, int(port)), timeout=15) as connection:
        connection.sendall(text.encode("latin-1"))
        answered = b""
        try:
            while part := connection.recv(65536):
                answered += part
        except ConnectionResetError:
            pass
        return answered


def statuses(answered: bytes) -> list[int]:
    """Read the status of each answer on a connection."""
    return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3}) ", answered)]


def answer(proxied: ExporterLab, method: str, target: str, headers: str = "") -> int | None:
    """Send a request, exactly so; the status of its one answer."""
    found = statuses(sent(proxied, f"{method} {target} HTTP/1.1\r\n{HEAD}{headers}\r\n"))
    assert len(found) <= 1, found
    return found[0] if found else None


@pytest.mark.parametrize(
    "target",
    [
        "/_ping",
        "/v1.41/_ping",
        "/version",
        "/v1.24/info",
        "/events?since=1&until=2&filters=%7B%7D",
        "/containers/json",
        "/v1.41/containers/json?all=true",
        "/containers/json?limit=-1&all=1&size=0&trunc_cmd=0",
    ],
)
def test_a_question_is_answered(proxied: ExporterLab, target: str) -> None:
    assert answer(proxied, "GET", target) == 200


@pytest.mark.parametrize("rest", ["json", "stats?stream=false", "stats?stream=False&one-shot=true"])
def test_a_question_about_a_container_is_answered(proxied: ExporterLab, victim: Container, rest: str) -> None:
    assert answer(proxied, "GET", f"/containers/{victim.id}/{rest}") == 200
    assert answer(proxied, "GET", f"/v1.41/containers/{victim.name}/{rest}") == 200


COMMANDS = [
    ("POST", "/containers/create?name={new}"),
    ("POST", "/v1.41/containers/create?name={new}"),
    ("POST", "/containers/{victim}/kill"),
    ("POST", "/containers/{victim}/stop"),
    ("POST", "/containers/{victim}/restart"),
    ("POST", "/containers/{victim}/update"),
    ("POST", "/containers/{victim}/rename?name={new}"),
    ("POST", "/containers/{victim}/exec"),
    ("POST", "/containers/{victim}/attach?stream=1"),
    ("POST", "/containers/json"),
    ("POST", "/containers/{victim}/json"),
    ("POST", "/build"),
    ("POST", "/images/create?fromImage=x"),
    ("POST", "/volumes/create"),
    ("POST", "/networks/create"),
    ("POST", "/swarm/init"),
    ("PUT", "/containers/{victim}/archive?path=/"),
    ("DELETE", "/containers/{victim}?force=1"),
    ("PATCH", "/containers/{victim}/json"),
    ("HEAD", "/containers/{victim}/archive?path=/"),
    ("HEAD", "/_ping"),
    ("OPTIONS", "/_ping"),
    ("TRACE", "/_ping"),
    ("CONNECT", "engine:2375"),
    ("get", "/_ping"),
    ("GETX", "/_ping"),
]
QUESTIONS = [
    "/",
    "",
    "/v1.41",
    "/images/json",
    "/images/{victim}/get",
    "/volumes",
    "/networks",
    "/secrets",
    "/configs",
    "/swarm",
    "/nodes",
    "/plugins",
    "/system/df",
    "/containers/{victim}/logs?stdout=1",
    "/containers/{victim}/archive?path=/etc/shadow",
    "/containers/{victim}/export",
    "/containers/{victim}/top",
    "/containers/{victim}/changes",
    "/containers/{victim}/attach/ws?stream=1",
    "/exec/{victim}/json",
    "/containers/{victim}/json?size=1",
    "/containers/{victim}/json?",
    "/containers/json?size=1",
    "/containers/json?size=0&size=1",
    "/containers/json?all=1;size=1",
    "/containers/json?s%69ze=1",
    "/containers/json?all=1&unknown=1",
    "/containers/{victim}/stats",
    "/containers/{victim}/stats?stream=true",
    "/containers/{victim}/stats?one-shot=true",
    "/containers/{victim}/stats?stream=false&stream=true",
    "/events/",
    "/events?since=1&x=2",
    "/_ping/",
    "/_ping?x=1",
    "/_ping#",
    "//_ping",
    "/./_ping",
    "/containers/../_ping",
    "/containers//json",
    "/containers/./json",
    "/containers/../images/json",
    "/containers/%2e%2e/images/json",
    "/containers/{victim}%2fjson",
    "/containers/{victim}%2Flogs%3f/json",
    "/containers/{victim}/logs/../json",
    "/containers/{victim}/logs;/json",
    "/containers/{victim}\\logs/json",
    "/%63ontainers/json",
    "/Containers/json",
    "/v1.41/v1.41/_ping",
    "/v2.0/_ping",
    "/v1.41x/_ping",
    "/v1.x/_ping",
    "/x/v1.41/_ping",
    "http://engine/_ping",
    "http://engine/containers/json",
    "unix:///_ping",
    "*",
    "/containers/json\x00",
    "/containers/" + "a" * 129 + "/json",
]
BODIES = {
    "a body": "Content-Length: 2\r\n",
    "an empty body": "Content-Length: 0\r\n",
    "a body in parts": "Transfer-Encoding: chunked\r\n",
    "both": "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
    "an upgrade": "Upgrade: tcp\r\nConnection: Upgrade\r\n",
    "an upgrade to a web socket": "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: eA==\r\n",
    "an upgrade to HTTP/2": "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\nConnection: Upgrade, HTTP2-Settings\r\n",
}


@pytest.mark.parametrize(("method", "target"), COMMANDS)
def test_a_command_is_refused(proxied: ExporterLab, victim: Container, method: str, target: str) -> None:
    assert answer(proxied, method, target.format(victim=victim.id, new="never")) in {400, 403}


@pytest.mark.parametrize("target", QUESTIONS)
def test_another_question_is_refused_however_it_is_written(
    proxied: ExporterLab, victim: Container, target: str
) -> None:
    assert answer(proxied, "GET", target.format(victim=victim.id)) in {400, 403, None}


@pytest.mark.parametrize("headers", BODIES.values(), ids=BODIES)
def test_a_question_with_more_than_itself_is_refused(proxied: ExporterLab, headers: str) -> None:
    assert answer(proxied, "GET", "/_ping", headers) in {400, 403}


def test_a_command_behind_a_question_is_refused(proxied: ExporterLab) -> None:
    new = f"never-{uuid4().hex}"
    body = '{"Image": "x"}'
    first = "GET /_ping HTTP/1.1\r\nHost: engine\r\n\r\n"
    second = f"POST /containers/create?name={new} HTTP/1.1\r\n{HEAD}Content-Length: {len(body)}\r\n\r\n{body}"
    assert statuses(sent(proxied, first + second)) == [200, 403]


def test_http2_is_not_spoken(proxied: ExporterLab) -> None:
    answered = sent(proxied, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + "\x00\x00\x00\x04\x00\x00\x00\x00\x00")
    assert answered == b"" or statuses(answered) == [400]


def test_a_container_that_the_proxy_was_asked_for_is_not_created_and_none_is_touched(
    proxied: ExporterLab, client: docker.DockerClient, victim: Container
) -> None:
    new = f"never-{uuid4().hex}"
    body = '{"Image": "x", "Cmd": ["sleep", "60"]}'
    started = state(client, victim)
    connection = HTTPConnection(proxied.proxy, timeout=15)
    for path in (f"/containers/create?name={new}", f"/containers/{victim.id}/restart"):
        connection.request("POST", path, body, {"Content-Type": "application/json"})
        with connection.getresponse() as response:
            assert (response.status, b"403 Forbidden" in response.read()) == (403, True)
    connection.close()
    with pytest.raises(NotFound):
        client.containers.get(new)
    assert state(client, victim) == started


def state(client: docker.DockerClient, container: Container) -> tuple[bool, str]:
    """Ask the engine itself."""
    found = client.api.inspect_container(str(container.id))["State"]
    return found["Running"], found["StartedAt"]


def test_who_shares_no_network_with_it_does_not_reach_it(
    proxied: ExporterLab, client: docker.DockerClient, victim: Container
) -> None:
    address = proxied.proxy_address()
    other = client.networks.create(f"sutazai-test-{uuid4().hex[:8]}")
    stranger: Container | None = None
    try:
        stranger = client.containers.run(
            str(victim.attrs["Image"]), [*CONNECTS, address], network=other.name, detach=True
        )
        assert stranger.wait(timeout=30)["StatusCode"] == 1
        assert execute(victim, *CONNECTS, address).returncode == 0
    finally:
        if stranger is not None:
            stranger.remove(force=True)
        other.remove()


def test_docker_itself_reads_through_it_and_is_refused_everything_else(
    proxied: ExporterLab, victim: Container
) -> None:
    listed = docker_through(proxied, "ps", "--no-trunc", "--quiet")
    assert (listed.returncode, str(victim.id) in listed.stdout) == (0, True)
    run = docker_through(proxied, "run", "--rm", "--network=none", "x")
    assert (run.returncode, "forbidden by administrative rules" in run.stderr) == (125, True), run.stderr


def docker_through(proxied: ExporterLab, *command: str) -> subprocess.CompletedProcess[str]:
    whole = ["docker", "--host", f"tcp://{proxied.proxy}", *command]
    return subprocess.run(whole, capture_output=True, text=True, timeout=30, check=False)
