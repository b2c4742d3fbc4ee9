"""The client, against a small server of the test's own, over HTTP and over TLS with a stack's certificate."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

import pytest

from sutazai_infra.inputs.certificates import issued
from sutazai_infra.inputs.secretstore import change_secrets
from sutazai_infra.model.secret import Secret, SecretKind
from sutazai_infra.operations.prometheus import Prometheus, PrometheusError, Series, prometheus_of
from tests.unit.cli.projects import write_project

DECLARED = {
    "ca-certificate": Secret(purpose="trusted", kind=SecretKind.CA),
    "gateway-certificate": Secret(purpose="shown", kind=SecretKind.CERTIFICATE),
}
CERTIFICATES = issued({}, DECLARED, "lab", (), datetime.now(UTC))
AUTHORITY = CERTIFICATES["ca-certificate"].value
FOUND: dict[str, Any] = {
    "result": [
        {"metric": {"__name__": "up", "job": "a"}, "value": [1, "1"]},
        {"metric": {"job": "b"}, "value": [1, "NaN"]},
        {"metric": {"job": "c"}, "value": [1, "+Inf"]},
    ]
}


class _Server(HTTPServer):
    answer: tuple[int, str] = (200, "")
    heard: list[tuple[str, str, Mapping[str, list[str]]]]


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        self._answer(parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()))

    def do_GET(self) -> None:
        self._answer({})

    def _answer(self, form: Mapping[str, list[str]]) -> None:
        self.server.heard.append((self.command, self.path, form))
        status, text = self.server.answer
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(status: int, said: object, chain: Path | None = None) -> Iterator[_Server]:
    server = _Server(("127.0.0.1", 0), _Handler)
    server.answer, server.heard = (status, said if isinstance(said, str) else json.dumps(said)), []
    if chain:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def ask(server: _Server, expression: str = "up") -> tuple[Series, ...]:
    with Prometheus(f"http://127.0.0.1:{server.server_port}/prometheus/") as found:
        return found.query(expression)


def test_a_query_is_sent_as_a_form_and_answered_by_the_series_that_are_numbers() -> None:
    with serving(200, {"status": "success", "data": FOUND}) as server:
        assert ask(server, "up > 0") == (Series(labels={"job": "a"}, value=1),)
        assert server.heard == [("POST", "/prometheus/api/v1/query", {"query": ["up > 0"]})]


def test_other_pages_are_got() -> None:
    with serving(200, {"status": "success", "data": {"activeTargets": []}}) as server:
        with Prometheus(f"http://127.0.0.1:{server.server_port}") as found:
            assert found.get("targets", state="active") == {"activeTargets": []}
        assert server.heard == [("GET", "/api/v1/targets?state=active", {})]


def test_a_question_that_it_does_not_understand_is_told_in_its_words() -> None:
    with serving(400, {"status": "error", "error": "parse error: no"}) as server:
        with pytest.raises(PrometheusError) as refused:
            ask(server)
        assert str(refused.value) == f"http://127.0.0.1:{server.server_port}/prometheus: parse error: no"


@pytest.mark.parametrize("said", ["<html>", "[]", "{}"])
def test_who_is_no_prometheus_is_told(said: str) -> None:
    with serving(503, said) as server:
        with pytest.raises(PrometheusError) as refused:
            ask(server)
        address = f"http://127.0.0.1:{server.server_port}/prometheus"
        assert str(refused.value) == f"{address}: answers 503, and not as Prometheus does"


def test_nobody_there_is_told() -> None:
    with serving(200, "") as server:
        gone = f"http://127.0.0.1:{server.server_port}"
    with Prometheus(gone) as found, pytest.raises(PrometheusError, match="Connection refused"):
        found.query("up")


def test_the_stacks_authority_is_believed_and_nobody_elses(tmp_path: Path) -> None:
    chain = tmp_path / "gateway.pem"
    chain.write_text(CERTIFICATES["gateway-certificate"].value)
    with serving(200, {"status": "success", "data": FOUND}, chain) as server:
        address = f"https://127.0.0.1:{server.server_port}"
        with Prometheus(address, AUTHORITY) as found:
            assert found.query("up") == (Series(labels={"job": "a"}, value=1),)
        with Prometheus(address) as doubting, pytest.raises(PrometheusError, match="CERTIFICATE_VERIFY_FAILED"):
            doubting.query("up")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}/state")
    folder = tmp_path / "project"
    folder.mkdir()
    return write_project(folder)


@pytest.mark.parametrize(
    ("published", "address"),
    [
        ({"gateway": 10047, "prometheus": 10200}, "https://127.0.0.1:10047/prometheus"),
        ({"prometheus": 10200}, "http://127.0.0.1:10200/prometheus"),
    ],
)
def test_it_is_found_through_what_the_stack_publishes(
    project: Path, published: dict[str, int], address: str
) -> None:
    write_project(project, publish=published)
    assert prometheus_of(project, "lab").url == address


def test_a_given_address_goes_before(project: Path) -> None:
    write_project(project, publish={"gateway": 10047})
    assert prometheus_of(project, "lab", "http://127.0.0.1:9090/").url == "http://127.0.0.1:9090"


def test_a_stack_that_publishes_no_way_says_so(project: Path) -> None:
    with pytest.raises(PrometheusError) as refused:
        prometheus_of(project, "lab")
    assert str(refused.value) == (
        "stack lab: it publishes neither its gateway nor Prometheus (`publish`): name its address"
    )


def test_the_gateway_is_believed_by_the_stacks_own_authority(project: Path, tmp_path: Path) -> None:
    with change_secrets("lab") as kept:
        kept.update(CERTIFICATES)
    chain = tmp_path / "gateway.pem"
    chain.write_text(CERTIFICATES["gateway-certificate"].value)
    with serving(200, {"status": "success", "data": FOUND}, chain) as server:
        write_project(project, publish={"gateway": server.server_port})
        with prometheus_of(project, "lab") as found:
            assert found.query("up") == (Series(labels={"job": "a"}, value=1),)
