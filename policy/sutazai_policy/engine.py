"""The pack's own look at the Docker engine: how large the host is, and what runs on it already.

Plain HTTP over the engine's socket, so that the pack needs no Docker client; it only ever reads.
"""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlsplit

from sutazai_policy.host import Occupant
from sutazai_policy.reading import core_set
from sutazai_policy.running import Running, read_running
from sutazai_policy.units import SHARE

__all__ = ["Engine", "EngineError", "Listed"]

Listed = Sequence[Mapping[str, Any]]

_DEFAULT = "unix:///var/run/docker.sock"
_SECONDS = 5.0


class EngineError(Exception):
    """The engine couldn't be asked, or answered what can't be read."""


class Engine:
    """One connection to a Docker engine, named as in DOCKER_HOST; a context manager."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.address = environ.get("DOCKER_HOST") or _DEFAULT
        self._connection = _connect(self.address, environ)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def size(self) -> tuple[int, int]:
        """Return the host's cores and its memory in bytes."""
        info = self._info
        cores, memory = _number(info, "NCPU"), _number(info, "MemTotal")
        if cores < 1 or memory < 1:
            raise EngineError(f"the engine at {self.address} reports {cores} cores and {memory} bytes of memory")
        return cores, memory

    @cached_property
    def _info(self) -> Any:
        return self._get("/info", dict)

    @property
    def is_here(self) -> bool:
        """Whether the engine runs where the pack does: on its own socket, under the same host name."""
        return self.address.startswith("unix:") and self._info.get("Name") == socket.gethostname()

    def listed(self) -> Listed:
        """Return what the engine tells of all running containers at once."""
        found: Listed = self._get("/containers/json", list)
        return found

    def occupants(self, listed: Listed, is_own: Callable[[str, Mapping[str, str]], bool]) -> tuple[Occupant, ...]:
        """Return those of the listed containers, by name, of which `is_own(name, labels)` is false."""
        found = []
        for one in listed:
            name = _name(one)
            if not is_own(name, one.get("Labels") or {}):
                found.append(self._occupant(name, str(one.get("Id"))))
        return tuple(sorted((one for one in found if one), key=lambda one: one.name))

    def running(self, listed: Listed, names: Collection[str]) -> dict[str, Running]:
        """Return, by name, those of the listed containers that have one of the names."""
        found = {}
        for one in listed:
            name = _name(one)
            details = self._details(str(one.get("Id"))) if name in names else None
            if details is not None:
                found[name] = read_running(details)
        return found

    def _details(self, identifier: str) -> Any:
        return self._get(f"/containers/{quote(identifier)}/json", dict, missing_ok=True)

    def _occupant(self, name: str, identifier: str) -> Occupant | None:
        details = self._details(identifier)
        if details is None:
            return None
        settings = details.get("HostConfig") or {}
        return Occupant(
            name=name,
            memory=_number(settings, "MemoryReservation") or _number(settings, "Memory") or self._used(identifier),
            cpu=_number(settings, "CpuShares") * SHARE,
            cores=core_set(settings, "CpusetCpus").value,
        )

    def _used(self, identifier: str) -> int:
        """Return the bytes that a container uses now, without caches: all that is known of one without limits."""
        path = f"/containers/{quote(identifier)}/stats?stream=false&one-shot=true"
        memory = (self._get(path, dict, missing_ok=True) or {}).get("memory_stats") or {}
        details = memory.get("stats") or {}
        cached = _number(details, "total_inactive_file") or _number(details, "inactive_file")
        return max(0, _number(memory, "usage") - cached)

    def _get(self, path: str, kind: type, *, missing_ok: bool = False) -> Any:
        try:
            self._connection.request("GET", path, headers={"Host": "docker"})
            response = self._connection.getresponse()
            body = response.read()
            # A container may have ended between being listed and being asked about.
            if response.status == http.client.NOT_FOUND and missing_ok:
                return None
            if response.status != http.client.OK:
                raise EngineError(f"the engine at {self.address} answers {response.status} to {path}")
            answer = json.loads(body)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise EngineError(f"the engine at {self.address} can't be asked ({error})") from error
        if not isinstance(answer, kind):
            raise EngineError(f"the engine at {self.address} answers what can't be read to {path}")
        return answer


def _number(found: Mapping[str, Any], key: str) -> int:
    value = found.get(key)
    return value if isinstance(value, int) and value > 0 else 0


def _name(listed: Mapping[str, Any]) -> str:
    # A linked container is listed under its links too, as /other/name: its own name has one slash.
    names = [str(name)[1:] for name in listed.get("Names") or () if str(name).count("/") == 1]
    return names[0] if names else str(listed.get("Id"))[:12]


def _connect(address: str, environ: Mapping[str, str]) -> http.client.HTTPConnection:
    url = urlsplit(address)
    try:
        if url.scheme == "unix" and url.path:
            return _UnixConnection(url.path)
        if url.scheme in {"tcp", "http", "https"} and url.hostname:
            return _tcp_connection(url.hostname, url.port, url.scheme, environ)
    except (OSError, ValueError) as error:
        raise EngineError(f"DOCKER_HOST {address} can't be used ({error})") from error
    raise EngineError(f"DOCKER_HOST {address} is no socket that can be asked (unix://, tcp://)")


def _tcp_connection(
    host: str, port: int | None, scheme: str, environ: Mapping[str, str]
) -> http.client.HTTPConnection:
    if scheme != "https" and not environ.get("DOCKER_TLS_VERIFY"):
        return http.client.HTTPConnection(host, port or 2375, timeout=_SECONDS)
    context = ssl.create_default_context()
    if folder := environ.get("DOCKER_CERT_PATH"):
        certificates = Path(folder)
        context.load_verify_locations(certificates / "ca.pem")
        context.load_cert_chain(certificates / "cert.pem", certificates / "key.pem")
    return http.client.HTTPSConnection(host, port or 2376, timeout=_SECONDS, context=context)


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("docker", timeout=_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)
