from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import docker
from docker.errors import APIError

from sutazai_infra.operations.hosts import container_names


class EngineDouble:
    """Lists containers, and counts how often it is asked."""

    def __init__(self) -> None:
        self.listed: list[dict[str, Any]] = []
        self.asked = 0
        self.down = False

    def containers(self, **_: object) -> list[dict[str, Any]]:
        self.asked += 1
        if self.down:
            raise APIError("down")
        return self.listed

    def client(self) -> docker.DockerClient:
        return cast("docker.DockerClient", SimpleNamespace(api=self))


def test_names_are_asked_for_only_when_unknown() -> None:
    engine = EngineDouble()
    names = container_names(engine.client())
    assert engine.asked == 0
    engine.listed = [{"Id": "a" * 64, "Names": ["/trainer"]}]
    assert [names("a" * 64), names("a" * 64)] == ["trainer", "trainer"]
    engine.listed.append({"Id": "b" * 64, "Names": ["/aider"]})
    assert names("b" * 64) == "aider"
    assert engine.asked == 2


def test_an_engine_that_does_not_answer_leaves_the_id() -> None:
    engine = EngineDouble()
    engine.down = True
    assert container_names(engine.client())("a" * 64) == "a" * 12
