"""Health checks as commands, each with what its image has on board."""

from __future__ import annotations

import pytest

from sutazai_infra.model.catalogue import ProbeClient
from sutazai_infra.model.service import Probe
from sutazai_infra.planning.probes import probe_command

HTTP = Probe.parsed("probe", {"http": {"port": 8000, "path": "/health"}, "timeout": "4s"})
TCP = Probe.parsed("probe", {"tcp": {"port": 6379}, "timeout": "4s"})
URL = "http://127.0.0.1:8000/health"


@pytest.mark.parametrize(
    ("client", "command"),
    [
        (ProbeClient.CURL, ("CMD", "curl", "-fsS", "-o", "/dev/null", "--max-time", "4", URL)),
        (ProbeClient.WGET, ("CMD", "wget", "-q", "-T", "4", "-O", "/dev/null", URL)),
        (ProbeClient.BUSYBOX, ("CMD", "busybox", "wget", "-q", "-O", "/dev/null", URL)),
        (
            ProbeClient.PYTHON,
            ("CMD", "python3", "-c", f"import urllib.request as u; u.urlopen('{URL}', timeout=4)"),
        ),
    ],
)
def test_an_image_asks_itself_with_what_it_has(client: ProbeClient, command: tuple[str, ...]) -> None:
    assert probe_command(HTTP, client) == command


def test_bash_speaks_http_by_itself() -> None:
    kind, shell, option, script = probe_command(HTTP, ProbeClient.BASH)

    assert (kind, shell, option) == ("CMD", "bash", "-c")
    assert script.startswith("exec 3<>/dev/tcp/127.0.0.1/8000 && printf 'GET /health HTTP/1.0")


@pytest.mark.parametrize(
    ("client", "program"),
    [
        (ProbeClient.BASH, "bash"),
        (ProbeClient.WGET, "nc"),
        (ProbeClient.CURL, "python3"),
        (ProbeClient.PYTHON, "python3"),
    ],
)
def test_a_port_is_tried_by_a_connection(client: ProbeClient, program: str) -> None:
    command = probe_command(TCP, client)

    assert command[:2] == ("CMD", program)
    assert "6379" in " ".join(command)


@pytest.mark.parametrize(
    ("given", "written"),
    [
        (["pg_isready", "-q"], ("CMD", "pg_isready", "-q")),
        (["CMD", "pg_isready"], ("CMD", "pg_isready")),
        (["CMD-SHELL", "a | b"], ("CMD-SHELL", "a | b")),
    ],
)
def test_a_command_is_taken_as_it_is(given: list[str], written: tuple[str, ...]) -> None:
    assert probe_command(Probe.parsed("probe", {"command": given}), ProbeClient.NONE) == written


def test_an_image_without_a_client_is_refused() -> None:
    with pytest.raises(
        ValueError, match=f"^the image has no client to probe {URL} with: give the probe a command$"
    ):
        probe_command(HTTP, ProbeClient.NONE)
    with pytest.raises(ValueError, match=r"^the image has no client to probe port 6379 with"):
        probe_command(TCP, ProbeClient.NONE)
