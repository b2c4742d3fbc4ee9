from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import docker
import pytest
from docker.errors import APIError, NotFound

from sutazai_infra.operations.cleaning.findings import Kind, Leftover
from sutazai_infra.operations.cleaning.look import look, rotated_logs
from sutazai_infra.operations.cleaning.removal import remove

USED = {
    "Images": [
        {
            "Id": "sha256:a",
            "RepoTags": ["<none>:<none>"],
            "Labels": None,
            "Created": 5,
            "Size": 9,
            "SharedSize": 4,
        },
        {"Id": "sha256:b", "RepoTags": ["x:1"], "Labels": {"k": "v"}, "Created": 6, "Size": 9, "SharedSize": -1},
    ],
    "Containers": [
        {
            "Id": "one",
            "Names": ["/sutazai-lab-redis"],
            "Labels": {"sutazai.stack": "lab", "sutazai.service": "redis"},
            "State": "running",
            "ImageID": "sha256:b",
            "NetworkSettings": {"Networks": {"sutazai-lab-n": {}}},
            "SizeRw": 3,
        },
        {
            "Id": "gone",
            "Names": ["/g"],
            "Labels": {"sutazai.stack": "lab"},
            "State": "dead",
            "ImageID": "sha256:b",
        },
        {"Id": "two", "Names": None, "Labels": None, "State": "exited", "ImageID": "sha256:a"},
    ],
}


class Engine:
    """As much of a Docker engine as is looked at, or asked to remove something."""

    def __init__(self) -> None:
        self.api = self
        self.calls: list[Any] = []
        self.refusal: APIError | None = None

    def df(self) -> Any:
        return USED

    def networks(self) -> Any:
        return [
            {"Id": "n", "Name": "sutazai-lab-n", "Labels": {"sutazai.stack": "lab"}},
            {"Id": "b", "Name": "bridge"},
        ]

    def inspect_container(self, identity: str) -> Any:
        if identity == "gone":
            raise NotFound("gone")
        return {"LogPath": f"/var/lib/docker/containers/{identity}/{identity}-json.log"}

    def remove_container(self, identity: str, **options: bool) -> None:
        self._did("container", identity, options)

    def remove_network(self, identity: str) -> None:
        self._did("network", identity, {})

    def remove_image(self, identity: str, **options: bool) -> None:
        self._did("image", identity, options)

    def _did(self, *call: Any) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.calls.append(call)


def as_client(engine: Engine) -> docker.DockerClient:
    return cast("docker.DockerClient", engine)


def write_log(root: Path, name: str, size: int) -> Path:
    path = root / "var/lib/docker/containers/one" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x" * size)
    return path


@pytest.fixture
def as_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.delenv("DOCKER_HOST", raising=False)


@pytest.mark.usefixtures("as_root")
def test_all_that_the_engine_holds_is_listed(tmp_path: Path) -> None:
    write_log(tmp_path, "one-json.log", 1)
    rotated = write_log(tmp_path, "one-json.log.1", 2)
    snapshot = look(as_client(Engine()), "lab", tmp_path)
    redis, dead, foreign = snapshot.containers
    assert [(image.tags, image.own_bytes) for image in snapshot.images] == [((), 5), (("x:1",), 9)]
    assert (redis.name, redis.stack, redis.service, redis.own_bytes) == ("sutazai-lab-redis", "lab", "redis", 3)
    assert (set(redis.networks), redis.rotated_logs) == ({"sutazai-lab-n"}, {str(rotated): 2})
    assert (dead.name, dead.rotated_logs) == ("g", {})
    assert (foreign.name, foreign.stack, foreign.rotated_logs) == ("two", None, {})
    assert [(one.name, one.stack) for one in snapshot.networks] == [("sutazai-lab-n", "lab"), ("bridge", None)]
    assert snapshot.notes == ()


def test_logs_are_left_alone_by_who_is_not_root(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    write_log(tmp_path, "one-json.log.1", 2)
    snapshot = look(as_client(Engine()), "lab", tmp_path)
    assert snapshot.containers[0].rotated_logs == {}
    assert snapshot.notes == ("rotated logs: not looked at: they are root's",)


def test_logs_of_another_machines_engine_are_not_looked_for_here(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setenv("DOCKER_HOST", "tcp://elsewhere:2375")
    write_log(tmp_path, "one-json.log.1", 2)
    snapshot = look(as_client(Engine()), "lab", tmp_path)
    assert snapshot.containers[0].rotated_logs == {}
    assert snapshot.notes == ("rotated logs: not looked at: the engine is on another machine",)


def test_only_numbered_files_beside_the_current_one_are_rotated_logs(tmp_path: Path) -> None:
    current = write_log(tmp_path, "one-json.log", 9)
    for name in ("one-json.log.1", "one-json.log.12.gz"):
        write_log(tmp_path, name, 4)
    for name in ("one-json.log.bak", "config.v2.json", "one-json.log.1.tmp"):
        write_log(tmp_path, name, 4)
    (current.parent / "one-json.log.3").mkdir()
    assert sorted(Path(path).name for path in rotated_logs(current)) == ["one-json.log.1", "one-json.log.12.gz"]


def leftover(kind: Kind, identity: str) -> Leftover:
    return Leftover(kind=kind, name=identity, identity=identity, size_bytes=1, reason="")


def test_nothing_is_forced_and_no_volume_goes_with_its_container(tmp_path: Path) -> None:
    engine, log = Engine(), write_log(tmp_path, "one-json.log.1", 4)
    found = [leftover(Kind.CONTAINER, "c"), leftover(Kind.NETWORK, "n"), leftover(Kind.IMAGE, "i")]
    done = list(remove(as_client(engine), [*found, leftover(Kind.LOG, str(log))]))
    assert engine.calls == [
        ("container", "c", {"v": False, "force": False}),
        ("network", "n", {}),
        ("image", "i", {"force": False}),
    ]
    assert all(one.gone for one in done)
    assert not log.exists()


def test_what_cannot_be_removed_stays_with_the_reason(tmp_path: Path) -> None:
    engine = Engine()
    engine.refusal = APIError("409", explanation="conflict: in use")
    folder = tmp_path / "folder"
    folder.mkdir()
    found = [leftover(Kind.IMAGE, "i"), leftover(Kind.LOG, str(folder))]
    assert [(one.gone, one.why) for one in remove(as_client(engine), found)] == [
        (False, "conflict: in use"),
        (False, "Is a directory"),
    ]
