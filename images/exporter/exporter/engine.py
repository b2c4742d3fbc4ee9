"""What the exporter asks the engine: with GET alone, so that a proxy can refuse everything else.

Through docker-py's session, but not its `stats`: Debian's version knows no `one-shot`, and without it the engine
waits a second for each container.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

import docker
from docker.errors import DockerException
from requests import Response
from requests.adapters import HTTPAdapter
from requests.exceptions import RequestException

__all__ = ["ENGINE_ERRORS", "Engine", "GoneError"]


class GoneError(DockerException):
    """A container that was removed since it was listed."""


# Whatever may come of asking an engine that isn't there, is slow, or answers something else.
ENGINE_ERRORS = (DockerException, RequestException, OSError, ValueError, KeyError, TypeError, AttributeError)
# The proxy ends an idle stream before that; what is silent for longer has lost its other end.
_SILENCE_S = 900
_ONE_SHOT = {"stream": "false", "one-shot": "true"}


class Engine:
    """An engine by its URL. Connects when it is asked, and again when it was away."""

    def __init__(self, url: str, timeout_s: int, connections: int) -> None:
        self._url = url
        self._timeout_s = timeout_s
        self._connections = connections
        self._lock = threading.Lock()
        self._client: docker.APIClient | None = None

    def containers(self) -> list[dict[str, Any]]:
        """List all containers, stopped ones too; raises one of `ENGINE_ERRORS`."""
        found: list[dict[str, Any]] = self._get("/containers/json", all="true")
        return found

    def inspect(self, container: str) -> dict[str, Any]:
        """Inspect a container; raises `GoneError` or one of `ENGINE_ERRORS`."""
        found: dict[str, Any] = self._get(f"/containers/{container}/json")
        return found

    def stats(self, container: str) -> dict[str, Any]:
        """Take one sample of a container's counters; raises `GoneError` or one of `ENGINE_ERRORS`."""
        found: dict[str, Any] = self._get(f"/containers/{container}/stats", **_ONE_SHOT)
        return found

    def oom_events(self, stack: str, since_ns: int) -> Iterator[dict[str, Any]]:
        """Yield the OOM kills in a stack's containers since a moment; ends, or raises, when the engine does."""
        seconds, nanoseconds = divmod(since_ns, 10**9)
        wanted = {"type": ["container"], "event": ["oom"], "label": [f"sutazai.stack={stack}"]}
        query = {"since": f"{seconds}.{nanoseconds:09d}", "filters": json.dumps(wanted)}
        with self._asked("/events", query, stream=True, timeout=(self._timeout_s, _SILENCE_S)) as answer:
            for line in answer.iter_lines():
                yield json.loads(line)

    def forget(self) -> None:
        """Connect anew next time: another version may answer then."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def _get(self, path: str, **query: str) -> Any:
        return self._asked(path, query, timeout=self._timeout_s).json()

    def _asked(self, path: str, query: Mapping[str, str], **how: Any) -> Response:
        client = self._connected()
        answer = client.get(f"{client.base_url}/v{client.api_version}{path}", params=query, **how)
        if answer.status_code == HTTPStatus.NOT_FOUND:
            raise GoneError(path)
        answer.raise_for_status()
        return answer

    def _connected(self) -> docker.APIClient:
        with self._lock:
            if self._client is None:
                self._client = self._connect()
            return self._client

    def _connect(self) -> docker.APIClient:
        client = docker.APIClient(base_url=self._url, version="auto", timeout=self._timeout_s)
        # One more, for the events.
        client.mount("http://", HTTPAdapter(pool_maxsize=self._connections + 1))
        # Else each request looks for proxies and passwords in the environment and in files.
        client.trust_env = False
        return client
