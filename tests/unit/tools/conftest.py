"""Places in a temporary directory, a web server on the loopback, and programs that a test writes."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from tools.toolchain import pins as pinned
from tools.toolchain.pins import Pins
from tools.toolchain.places import REPOSITORY, Places


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Counts what it is asked, and says nothing."""

    asked: list[str]

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self.asked.append(self.path)
        super().do_GET()


class Server:
    """A directory, served."""

    def __init__(self, directory: Path) -> None:
        self.directory, self.asked = directory, list[str]()
        handler = type("Handler", (Quiet,), {"asked": self.asked})
        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(directory)))
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    (tmp_path / "served").mkdir()
    served = Server(tmp_path / "served")
    yield served
    served.close()


@pytest.fixture
def pins(server: Server) -> Pins:
    """The real pins, except for the addresses."""
    real = pinned.load(REPOSITORY / "tools")
    return replace(real, pulumi_url=server.url, pulumi_checksums_url=server.url, provider_url=server.url)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """A repository and a cache of the test's own, with the real tools; PATH holds nothing but `bin`."""
    (tmp_path / "repo").mkdir()
    (tmp_path / "repo" / "tools").symlink_to(REPOSITORY / "tools")
    (tmp_path / "bin").mkdir()
    environ = {"PATH": str(tmp_path / "bin"), "HOME": str(tmp_path / "home")}
    return Places(tmp_path / "repo", tmp_path / "cache", environ)


@pytest.fixture
def program(tmp_path: Path) -> Callable[..., Path]:
    """Writes a shell script and makes it executable."""

    def write(name: str, body: str = "", directory: str = "bin") -> Path:
        path = tmp_path / directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
        return path

    return write
