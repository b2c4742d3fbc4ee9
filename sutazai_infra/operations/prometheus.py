"""A stack's Prometheus, asked over HTTP: at an address that is given, or through what the stack publishes.

The gateway's certificate is checked against the stack's own authority, and against the machine's.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from math import isfinite
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import urllib3
from pydantic import Field
from urllib3.exceptions import HTTPError

from sutazai_infra.inputs.stackconfig import settings_from_file
from sutazai_infra.model.base import Frozen
from sutazai_infra.model.errors import SutazaiError
from sutazai_infra.operations.secrets.authority import authority_certificate

__all__ = ["Prometheus", "PrometheusError", "Series", "prometheus_of"]

_TIMEOUT_S = 5.0
_REASON = 200


class PrometheusError(SutazaiError):
    """It wasn't reached, or didn't understand the question."""


class Series(Frozen):
    """One answer of an instant query."""

    labels: Mapping[str, str] = Field({}, description="Without the metric's name.")
    value: float


class Prometheus:
    """One server; keeps its connection open."""

    def __init__(self, url: str, authority: str | None = None, timeout_s: float = _TIMEOUT_S) -> None:
        self.url = url.rstrip("/")
        context = ssl.create_default_context()
        if authority:
            context.load_verify_locations(cadata=authority)
        self._pool = urllib3.PoolManager(ssl_context=context, timeout=timeout_s, retries=False)

    def query(self, expression: str) -> tuple[Series, ...]:
        """Evaluate it now; values that are no finite number are left out. Raises `PrometheusError`."""
        # As a form: an expression can be longer than an address may be.
        found = self._ask("POST", "query", {"query": expression})
        rows = ((row["metric"], float(row["value"][1])) for row in found["result"])
        return tuple(Series(labels=_labels(metric), value=value) for metric, value in rows if isfinite(value))

    def get(self, path: str, **parameters: str) -> Any:
        """Return the `data` of a page below /api/v1/; raises `PrometheusError`."""
        return self._ask("GET", path, parameters)

    def _ask(self, method: str, path: str, fields: Mapping[str, str]) -> Any:
        options: dict[str, Any] = {"encode_multipart": False} if method == "POST" else {}
        try:
            answer = self._pool.request(method, f"{self.url}/api/v1/{path}", fields=dict(fields), **options)
            said = json.loads(answer.data)
            if said["status"] == "success":
                return said["data"]
        except HTTPError as error:
            raise PrometheusError(f"{self.url}: {error}") from error
        except (ValueError, KeyError, TypeError):
            raise PrometheusError(f"{self.url}: answers {answer.status}, and not as Prometheus does") from None
        raise PrometheusError(f"{self.url}: {str(said.get('error'))[:_REASON]}")

    def close(self) -> None:
        """Close the connection."""
        self._pool.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def prometheus_of(folder: Path, stack: str, url: str | None = None) -> Prometheus:
    """Find the stack's server; nothing is asked yet. Raises `PrometheusError` where there is no way to it."""
    if url is not None:
        return Prometheus(url, _authority(folder, stack) if url.startswith("https:") else None)
    published = settings_from_file(folder, stack).publish
    if "gateway" in published:
        address = f"https://127.0.0.1:{published['gateway']}/prometheus"
        return Prometheus(address, _authority(folder, stack))
    if "prometheus" in published:
        return Prometheus(f"http://127.0.0.1:{published['prometheus']}/prometheus")
    raise PrometheusError(
        f"stack {stack}: it publishes neither its gateway nor Prometheus (`publish`): name its address"
    )


def _authority(folder: Path, stack: str) -> str | None:
    """Return none where the stack has none: then the machine's have to do."""
    try:
        return authority_certificate(folder, stack)
    except SutazaiError:
        return None


def _labels(metric: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in metric.items() if name != "__name__"}
