"""The Docker engine: found, or installed and started."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tools.toolchain.errors import ToolchainError
from tools.toolchain.pins import Pins
from tools.toolchain.places import Places
from tools.toolchain.progress import Progress, say
from tools.toolchain.run import Runner, run, stream

DEFAULT_HOST = "unix:///var/run/docker.sock"
PING_SECONDS = 3.0
START_SECONDS = 60.0
NO = {"", "0", "false", "no"}
LOG = Path("/var/log/sutazai-dockerd.log")


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a socket file."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=PING_SECONDS)
        self.path = path

    def connect(self) -> None:
        """Connect to the file instead of a port."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(PING_SECONDS)
        self.sock.connect(self.path)


def ping(host: str) -> str | None:
    """Tell why the engine does not answer; nothing if it does."""
    parts = urlsplit(host)
    if parts.scheme == "unix":
        connection: http.client.HTTPConnection = UnixConnection(parts.path)
    elif parts.scheme in {"tcp", "http"} and "DOCKER_TLS_VERIFY" not in os.environ:
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 2375, timeout=PING_SECONDS)
    else:
        # TLS and SSH need certificates and keys, which the docker CLI knows how to find.
        asked = run(["docker", "--host", host, "version", "--format", "{{.Server.Version}}"], timeout=20)
        return None if asked.code == 0 else asked.output.strip()
    try:
        connection.request("GET", "/_ping")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return getattr(error, "strerror", None) or str(error)
    finally:
        connection.close()
    return None if status == http.client.OK else f"HTTP {status}"


def ensure_engine(pins: Pins, places: Places, machine: Machine | None = None) -> None:
    """Return once an engine answers. Install and start one only as root, where nobody named another."""
    machine = machine or Machine()
    named = places.environ.get("DOCKER_HOST")
    host = named or DEFAULT_HOST
    trouble = machine.ping(host)
    if trouble is None:
        say(f"the Docker engine at {host} answers")
        return
    if named:
        raise ToolchainError(
            f"no Docker engine answers at DOCKER_HOST={named} ({trouble}): "
            f"start it, or unset DOCKER_HOST to use {DEFAULT_HOST}"
        )
    refuse_impossible(trouble, pins, places, machine)
    installed = places.on_path("dockerd") is not None
    steps = "start dockerd" if installed else f"install {pins.docker_package} with apt-get and start dockerd"
    if not allowed(f"No Docker engine answers at {host}. As root, {steps}?", places, machine):
        raise ToolchainError(
            f"no Docker engine answers at {host} ({trouble}): set YES=1 to {steps}, or do it yourself"
        )
    if not installed:
        machine.install(pins.docker_package)
    # A package's own installation may have started it.
    if machine.ping(host) is not None:
        start(host, machine)
    say(f"the Docker engine at {host} answers")


def refuse_impossible(trouble: str, pins: Pins, places: Places, machine: Machine) -> None:
    """Say what a person can do where this program can't."""
    if "denied" in trouble.lower():
        raise ToolchainError(
            f"the Docker engine at {DEFAULT_HOST} refuses this user ({trouble}): "
            "run `sudo usermod -aG docker $USER` and log in again, or name an engine of yours in DOCKER_HOST"
        )
    by_hand = "start Docker, install it (https://docs.docker.com/engine/install), or name one in DOCKER_HOST"
    if places.on_path("dockerd") is None and places.on_path("apt-get") is None:
        raise ToolchainError(
            f"no Docker engine answers at {DEFAULT_HOST} ({trouble}), and there is no apt-get: {by_hand}"
        )
    if not machine.root():
        raise ToolchainError(
            f"no Docker engine answers at {DEFAULT_HOST} ({trouble}), and only root starts one: {by_hand}; "
            f"on Debian: `sudo apt-get install {pins.docker_package} && sudo service docker start`"
        )


def allowed(question: str, places: Places, machine: Machine) -> bool:
    """Ask a person on a terminal; `YES=1` and CI are a yes; anything else is a no."""
    if any(places.environ.get(name, "").lower() not in NO for name in ("YES", "CI")):
        return True
    if not machine.terminal():
        return False
    try:
        return machine.ask(f"{question} [y/N] ").strip().lower() in {"y", "yes"}
    except EOFError:
        return False


def apt(package: str) -> None:
    """Install a Debian package, with its list of packages brought up to date first."""
    progress = Progress(f"installing {package}")
    environ = dict(os.environ) | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update"], ["apt-get", "install", "--yes", package]):
        for line in stream(command, env=environ):
            progress.show(line[:80])
    progress.done("installed")


def start(host: str, machine: Machine) -> None:
    """Start the engine by systemd where it runs, else as a process of its own, and waits until it answers."""
    if machine.systemd():
        result = machine.run(["systemctl", "start", "docker"], timeout=START_SECONDS)
        if result.code:
            raise ToolchainError(
                f"systemd does not start docker: {result.output.strip()}: see `journalctl -u docker`"
            )
        process = None
    else:
        process = machine.start(["dockerd"])
    progress, until = Progress("waiting for dockerd"), time.monotonic() + START_SECONDS
    while (trouble := machine.ping(host)) is not None:
        if time.monotonic() > until or (process and process.poll() is not None):
            raise ToolchainError(
                f"dockerd does not answer at {host} ({trouble}):\n{tail(LOG)}\nThe whole log: {LOG}"
            )
        progress.show(trouble)
        time.sleep(0.2)
    progress.done("it answers")


def detached(command: list[str]) -> subprocess.Popen[bytes]:
    """Start a process that outlives this one, its terminal and its session; what it says goes to a log."""
    with LOG.open("ab") as log:
        return subprocess.Popen(  # noqa: S603 - dockerd
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, cwd="/"
        )


def tail(log: Path) -> str:
    """Read the end of a log."""
    try:
        return "\n".join(f"  {line}" for line in log.read_text(errors="replace").splitlines()[-8:])
    except OSError:
        return "  (no log)"


@dataclass(frozen=True)
class Machine:
    """What the engine's installation asks of the machine; a test gives its own."""

    ping: Callable[[str], str | None] = ping
    run: Runner = run
    root: Callable[[], bool] = lambda: os.geteuid() == 0
    terminal: Callable[[], bool] = lambda: sys.stdin.isatty() and sys.stderr.isatty()
    ask: Callable[[str], str] = input
    systemd: Callable[[], bool] = lambda: Path("/run/systemd/system").is_dir()
    start: Callable[[list[str]], subprocess.Popen[bytes]] = detached
    install: Callable[[str], None] = apt
