"""What is measured is the engine that the containers are made on, or nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sutazai_policy.judge import Judge, Surroundings
from sutazai_policy.rules.host_budget import RULE

from tests.policy.engine_double import EngineDouble, served
from tests.policy.stacks import NETWORK, TODAY, UNKNOWN, Provider, Secret, Stack, container


def _messages(folder: Path, properties: dict[str, Any], package: str = "docker") -> list[str]:
    provider = Provider(f"urn:pulumi:prod::shop::pulumi:providers:{package}::mine", properties)
    stack = (
        Stack().add("redis", container("4-5", 512, 64, 64)).add("net", {"name": "n"}, NETWORK, provider=provider)
    )
    with served(EngineDouble(cores=12, memory_mib=30085), folder / "docker.sock") as environ:
        surroundings = Surroundings(stacks_file=None, environ=environ, today=TODAY)
        judge = Judge(stack.resources(), [RULE], {RULE.name: {"host": "auto"}}, surroundings)
        return [found.message.replace(str(folder), "") for found in judge.violations(RULE)]


@pytest.mark.parametrize("host", [None, "unix://FOLDER/docker.sock", "unix://FOLDER//docker.sock"])
def test_a_provider_that_names_no_host_or_the_one_that_is_asked_is_measured(
    host: str | None, tmp_path: Path
) -> None:
    assert _messages(tmp_path, {"host": host and host.replace("FOLDER", str(tmp_path))}) == []


def test_a_provider_of_another_package_has_nothing_to_do_with_it(tmp_path: Path) -> None:
    assert _messages(tmp_path, {"host": "tcp://else:2375"}, package="random") == []


@pytest.mark.parametrize(
    ("properties", "where"),
    [
        ({"host": "tcp://else:2375"}, "tcp://else:2375"),
        ({"context": "far"}, "the context far"),
        ({"host": Secret("tcp://else:2375")}, "an engine that is a secret"),
    ],
)
def test_an_engine_that_the_containers_are_not_made_on_is_not_measured(
    properties: dict[str, Any], where: str, tmp_path: Path
) -> None:
    assert _messages(tmp_path, properties) == [
        "host: auto has to ask Docker: unix:///docker.sock would be asked, and mine makes what it makes on"
        f" {where}: start it, set DOCKER_HOST, or declare the host"
    ]


def test_a_host_that_is_not_known_yet_is_one_hosts_to_refuse(tmp_path: Path) -> None:
    assert _messages(tmp_path, {"host": UNKNOWN}) == []
