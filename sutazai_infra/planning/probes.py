"""Health checks as commands: each image probes itself with what it has on board."""

from __future__ import annotations

from sutazai_infra.model.catalogue import ProbeClient
from sutazai_infra.model.service import HttpProbe, Probe

__all__ = ["probe_command"]


def probe_command(probe: Probe, client: ProbeClient) -> tuple[str, ...]:
    """Write the test of a Docker health check; raises `ValueError` when the image has nothing to probe with."""
    if probe.command is not None:
        return probe.command if probe.command[0].startswith("CMD") else ("CMD", *probe.command)
    if probe.http is not None:
        return _http(probe.http, probe.timeout, client)
    if probe.tcp is not None:
        return _tcp(probe.tcp.port, probe.timeout, client)
    raise ValueError("a probe needs http, tcp or command")


def _http(target: HttpProbe, timeout: int, client: ProbeClient) -> tuple[str, ...]:
    url = f"http://127.0.0.1:{target.port}{target.path}"
    match client:
        case ProbeClient.CURL:
            return ("CMD", "curl", "-fsS", "-o", "/dev/null", "--max-time", str(timeout), url)
        case ProbeClient.WGET:
            return ("CMD", "wget", "-q", "-T", str(timeout), "-O", "/dev/null", url)
        case ProbeClient.BUSYBOX:
            # Debian's dies when it is given a time-out; the engine's bounds it.
            return ("CMD", "busybox", "wget", "-q", "-O", "/dev/null", url)
        case ProbeClient.PYTHON:
            return ("CMD", "python3", "-c", f"import urllib.request as u; u.urlopen({url!r}, timeout={timeout})")
        case ProbeClient.BASH:
            request = f"printf 'GET {target.path} HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3"
            answer = "IFS=' ' read -r -u 3 _ status _ && [[ $status == [23]* ]]"
            return ("CMD", "bash", "-c", f"exec 3<>/dev/tcp/127.0.0.1/{target.port} && {request} && {answer}")
    raise ValueError(f"the image has no client to probe {url} with: give the probe a command")


def _tcp(port: int, timeout: int, client: ProbeClient) -> tuple[str, ...]:
    match client:
        case ProbeClient.BASH:
            return ("CMD", "bash", "-c", f"exec 3<>/dev/tcp/127.0.0.1/{port}")
        case ProbeClient.WGET:
            return ("CMD", "nc", "-z", "-w", str(timeout), "127.0.0.1", str(port))
        case ProbeClient.CURL | ProbeClient.PYTHON:
            code = f"import socket; socket.create_connection(('127.0.0.1', {port}), {timeout})"
            return ("CMD", "python3", "-c", code)
    raise ValueError(f"the image has no client to probe port {port} with: give the probe a command")
