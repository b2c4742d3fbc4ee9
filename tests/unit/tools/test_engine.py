from __future__ import annotations

import http.server
import socketserver
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tools.toolchain import engine
from tools.toolchain.engine import Machine
from tools.toolchain.errors import ToolchainError
from tools.toolchain.pins import Pins
from tools.toolchain.places import Places
from tools.toolchain.run import Result

Write = Callable[..., Path]


class World:
    """A machine whose engine answers once something has started it."""

    def __init__(self, *, answers: bool = False, trouble: str = "No such file or directory") -> None:
        self.answers, self.trouble, self.did = answers, trouble, list[str]()
        self.machine = Machine(
            ping=lambda _: None if self.answers else self.trouble,
            run=self.systemctl,
            root=lambda: True,
            terminal=lambda: False,
            ask=self.ask,
            systemd=lambda: False,
            start=self.start,
            install=lambda package: self.did.append(f"install {package}"),
        )
        self.reply = "n"

    def systemctl(self, command: list[str], **_: object) -> Result:
        self.did.append(" ".join(command))
        self.answers = True
        return Result(0, "")

    def start(self, command: list[str]) -> subprocess.Popen[bytes]:
        self.did.append(" ".join(command))
        self.answers = True
        return None  # type: ignore[return-value]

    def ask(self, question: str) -> str:
        self.did.append(f"ask {question}")
        return self.reply


def with_environ(places: Places, **more: str) -> Places:
    return replace(places, environ=dict(places.environ) | more)


def test_an_engine_that_answers_is_left_alone(pins: Pins, places: Places) -> None:
    world = World(answers=True)
    engine.ensure_engine(pins, places, world.machine)
    assert world.did == []


@pytest.mark.parametrize("consent", [{"YES": "1"}, {"CI": "true"}])
def test_consent_installs_and_starts(consent: dict[str, str], pins: Pins, places: Places, program: Write) -> None:
    program("apt-get")
    world = World()
    engine.ensure_engine(pins, with_environ(places, **consent), world.machine)
    assert world.did == ["install docker.io", "dockerd"]


def test_an_installed_engine_is_only_started(pins: Pins, places: Places, program: Write) -> None:
    program("dockerd")
    world = World()
    engine.ensure_engine(pins, with_environ(places, YES="1"), world.machine)
    assert world.did == ["dockerd"]


def test_systemd_starts_it_where_it_runs(pins: Pins, places: Places, program: Write) -> None:
    program("dockerd")
    world = World()
    engine.ensure_engine(pins, with_environ(places, YES="1"), replace(world.machine, systemd=lambda: True))
    assert world.did == ["systemctl start docker"]


def test_an_installation_that_starts_it_itself_is_enough(pins: Pins, places: Places, program: Write) -> None:
    program("apt-get")
    world = World()

    def install(package: str) -> None:
        world.did.append(package)
        world.answers = True

    engine.ensure_engine(pins, with_environ(places, YES="1"), replace(world.machine, install=install))
    assert world.did == ["docker.io"]


@pytest.mark.parametrize(("reply", "done"), [("y", ["dockerd"]), ("yes", ["dockerd"]), ("", []), ("n", [])])
def test_a_person_on_a_terminal_is_asked(
    reply: str, done: list[str], pins: Pins, places: Places, program: Write
) -> None:
    program("dockerd")
    world = World()
    world.reply = reply
    machine = replace(world.machine, terminal=lambda: True)
    if done:
        engine.ensure_engine(pins, places, machine)
    else:
        with pytest.raises(ToolchainError, match="set YES=1 to start dockerd, or do it yourself"):
            engine.ensure_engine(pins, places, machine)
    assert world.did[0].startswith("ask No Docker engine answers at unix:///var/run/docker.sock. As root, start")
    assert world.did[1:] == done


@pytest.mark.parametrize("no", [{}, {"YES": "0"}, {"CI": "false"}])
def test_nobody_to_ask_is_a_no(no: dict[str, str], pins: Pins, places: Places, program: Write) -> None:
    program("apt-get")
    world = World()
    with pytest.raises(ToolchainError, match=r"set YES=1 to install docker\.io with apt-get and start dockerd"):
        engine.ensure_engine(pins, with_environ(places, **no), world.machine)
    assert world.did == []


def test_a_named_engine_is_never_replaced_by_another(pins: Pins, places: Places, program: Write) -> None:
    program("dockerd")
    world = World(trouble="Connection refused")
    named = with_environ(places, YES="1", DOCKER_HOST="tcp://10.0.0.1:2375")
    with pytest.raises(ToolchainError) as caught:
        engine.ensure_engine(pins, named, world.machine)
    assert str(caught.value) == (
        "no Docker engine answers at DOCKER_HOST=tcp://10.0.0.1:2375 (Connection refused): "
        "start it, or unset DOCKER_HOST to use unix:///var/run/docker.sock"
    )
    assert world.did == []


def test_without_root_the_message_says_what_to_do(pins: Pins, places: Places, program: Write) -> None:
    program("apt-get")
    world = World()
    with pytest.raises(ToolchainError, match=r"only root starts one: .*sudo apt-get install docker\.io"):
        engine.ensure_engine(pins, with_environ(places, YES="1"), replace(world.machine, root=lambda: False))


def test_without_apt_the_message_says_what_to_do(pins: Pins, places: Places) -> None:
    with pytest.raises(ToolchainError, match=r"there is no apt-get: start Docker, install it \(https"):
        engine.ensure_engine(pins, with_environ(places, YES="1"), World().machine)


def test_a_refused_user_is_told_about_the_group(pins: Pins, places: Places) -> None:
    with pytest.raises(ToolchainError, match="usermod -aG docker"):
        engine.ensure_engine(pins, places, World(trouble="Permission denied").machine)


def test_a_daemon_that_ends_is_quoted_from_its_log(
    pins: Pins, places: Places, program: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program("dockerd")
    monkeypatch.setattr(engine, "LOG", tmp_path / "log")
    broken = program("broken", "echo failed to mount overlay; exit 1", directory="other")
    world = World()
    machine = replace(world.machine, start=lambda _: engine.detached([str(broken)]))
    with pytest.raises(ToolchainError, match=r"does not answer .*\n  failed to mount overlay\nThe whole log"):
        engine.ensure_engine(pins, with_environ(places, YES="1"), machine)


def test_a_started_daemon_has_a_session_of_its_own(
    program: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(engine, "LOG", tmp_path / "log")
    process = engine.detached([str(program("daemon", "read x; ps -o sid= -p $$"))])
    assert process.wait(timeout=10) == 0
    assert engine.tail(tmp_path / "log").strip() == str(process.pid)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/_ping" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass

    def address_string(self) -> str:
        return "socket"


@pytest.fixture
def socket_file(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "docker.sock"
    with socketserver.UnixStreamServer(str(path), Handler) as served:
        thread = threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield path
        served.shutdown()
        thread.join()


def test_an_engine_is_asked_over_its_socket(socket_file: Path) -> None:
    assert engine.ping(f"unix://{socket_file}") is None


def test_a_missing_socket_and_a_closed_port_are_told(tmp_path: Path) -> None:
    assert engine.ping(f"unix://{tmp_path}/none") == "No such file or directory"
    assert "refused" in str(engine.ping("tcp://127.0.0.1:1"))
