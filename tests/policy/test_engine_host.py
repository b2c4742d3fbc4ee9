"""Two spellings of one engine are the same, and an address shows nobody's password."""

from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy.engine_host import engine_host, engine_socket
from sutazai_policy.reading import Reading
from sutazai_policy.resource import UNKNOWN, Provider, Secret

from tests.policy.unreadable import LATER

_DEFAULT = "what DOCKER_HOST names or else the local engine"


def _provider(**properties: Any) -> Provider:
    return Provider("urn:pulumi:prod::shop::pulumi:providers:docker::p", properties)


@pytest.mark.parametrize(
    ("properties", "host"),
    [
        ({}, _DEFAULT),
        ({"host": "", "context": None, "sshOpts": []}, _DEFAULT),
        ({"host": "unix:///var/run/docker.sock"}, "unix:///run/docker.sock"),
        ({"host": " UNIX:////run/./docker.sock"}, "unix:///run/docker.sock"),
        ({"host": "unix://docker.sock"}, "unix://docker.sock"),
        ({"host": "tcp://A.example:2375/"}, "tcp://a.example:2375"),
        ({"host": "ssh://me:hunter2@a@A.example"}, "ssh://a.example"),
        ({"host": "/run/docker.sock"}, "/run/docker.sock"),
        ({"host": "tcp://a", "context": "b"}, "the context b"),
        ({"host": "ssh://a", "sshOpts": "[]"}, "ssh://a"),
        ({"host": "ssh://a", "sshOpts": ""}, "ssh://a"),
        ({"host": "ssh://a", "sshOpts": '["-oHostName=b"]'}, 'ssh://a by sshOpts ["-oHostName=b"]'),
        ({"sshOpts": ["-oHostName=b"]}, f"{_DEFAULT} by sshOpts ['-oHostName=b']"),
    ],
)
def test_an_engine_is_written_in_one_way(properties: dict[str, Any], host: str) -> None:
    assert engine_host(_provider(**properties)) == Reading(host)


def test_without_a_provider_it_is_the_default_one() -> None:
    assert engine_host(None) == Reading(_DEFAULT)


@pytest.mark.parametrize(
    ("properties", "problem"),
    [
        ({"host": UNKNOWN}, LATER),
        ({"host": "tcp://a", "context": UNKNOWN}, LATER),
        ({"host": UNKNOWN, "sshOpts": ["-v"]}, LATER),
        ({"host": 5}, "is 5, not a text: give a text"),
        ({"host": "tcp://a", "sshOpts": UNKNOWN}, f"depends on sshOpts, of which the value {LATER}"),
    ],
)
def test_an_engine_that_cannot_be_read_is_told(properties: dict[str, Any], problem: str) -> None:
    assert engine_host(_provider(**properties)) == Reading(problem=problem)


@pytest.mark.parametrize(
    "properties",
    [
        {"host": Secret("ssh://a"), "sshOpts": "-v"},
        {"host": "ssh://a", "sshOpts": Secret("-v")},
    ],
)
def test_a_secret_stays_one(properties: dict[str, Any]) -> None:
    assert engine_host(_provider(**properties)) == Reading("ssh://a by sshOpts -v", secret=True)


def test_only_a_socket_has_a_path() -> None:
    assert engine_socket(_provider(host="unix:///var/run/docker.sock")) == "/run/docker.sock"
    assert engine_socket(_provider(host="unix://docker.sock")) is None
    assert engine_socket(_provider(host="tcp://a")) is None
    assert engine_socket(_provider(host=UNKNOWN)) is None
    assert engine_socket(_provider()) is None
