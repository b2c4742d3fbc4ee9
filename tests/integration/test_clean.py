"""`sutazai clean` on a real engine: what a stack left goes, and nothing else does, least of all a volume."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import docker
import pytest
import yaml
from docker.models.containers import Container

from sutazai_infra.cli.app import main
from sutazai_infra.operations import cleaning
from sutazai_infra.operations.images import build_images, image_refs
from tests.integration.image_lab import eventually
from tests.integration.stack_lab import REPOSITORY
from tests.integration.stack_sweep import remove_stack

pytestmark = pytest.mark.engine

TALKS = "while true; do echo 0123456789012345678901234567890123456789; done"
SETTINGS: dict[str, Any] = {
    "host": {"cores": 12, "memory": "29.38Gi", "reserved_cores": "0-1"},
    "services": {"only": ["postgres", "redis", "pgbouncer", "backend"]},
    "agents": 0,
}


class Mess:
    """A stack of this test's own that left something of everything, and another one beside it."""

    def __init__(self, client: docker.DockerClient) -> None:
        self.client = client
        # As the sweep of killed runs knows it again.
        self.stack, self.other = (f"t{os.getpid():x}-{uuid4().hex[:4]}" for _ in range(2))
        self.image = image_refs(REPOSITORY / "images")["python"]
        self.mark = uuid4().hex[:8]
        self.stage = ""

    def make(self) -> None:
        """Leave what can go, and beside it what has to stay."""
        for name in ("gone", "infrastructure", "joined"):
            self.network(name)
        data = self.client.volumes.create(f"sutazai-{self.stack}-data", labels={"sutazai.stack": self.stack})
        self.container("old", volumes=[f"{data.name}:/data", "/nameless"]).start()
        self.container("redis").start()
        self.container("agents-files")
        self.container("foreign", stack=self.other).start()
        speaker = self.container("speaker", TALKS, network=f"sutazai-{self.stack}-joined", mem_limit="64m")
        speaker.start()
        eventually(lambda: len(rotated(speaker)) == 2)
        speaker.pause()  # it has said enough
        self.stage = self.nameless()

    def nameless(self) -> str:
        """Build what a build's stage leaves: an image without a name."""
        text = f"FROM {self.image}\nLABEL sutazai.stage=packages sutazai.test={self.mark}\n"
        image, _ = self.client.images.build(fileobj=io.BytesIO(text.encode()), rm=True)
        return str(image.id)

    def network(self, name: str) -> None:
        """Make a network of the stack."""
        self.client.networks.create(
            f"sutazai-{self.stack}-{name}", labels={"sutazai.stack": self.stack}, internal=True
        )

    def container(self, name: str, script: str = "true", stack: str = "", **options: Any) -> Container:
        """Create a container of the stack, whose log is rotated early."""
        owner = stack or self.stack
        given: dict[str, Any] = {
            "name": f"sutazai-{owner}-{name}",
            "labels": {"sutazai.stack": owner},
            "log_config": docker.types.LogConfig(type="json-file", config={"max-size": "20k", "max-file": "3"}),
            "mem_limit": "32m",
            "network_mode": None if "network" in options else "none",
        }
        return self.client.containers.create(self.image, ["sh", "-c", script], **(given | options))

    def names(self) -> set[str]:
        """Name the containers of both stacks, without the stack."""
        listed = self.client.containers.list(all=True, filters={"name": f"sutazai-{self.stack}|{self.other}"})
        return {str(one.name).removeprefix(f"sutazai-{self.stack}-") for one in listed}

    def networks(self) -> set[str]:
        """Name the stack's networks."""
        listed = self.client.networks.list(filters={"label": f"sutazai.stack={self.stack}"})
        return {str(one.name).removeprefix(f"sutazai-{self.stack}-") for one in listed}


def rotated(container: Container) -> list[Path]:
    """List the rotated logs of a container."""
    container.reload()
    current = Path(container.attrs["LogPath"])
    return sorted(current.parent.glob(f"{current.name}.*"))


@pytest.fixture
def mess() -> Iterator[Mess]:
    client = docker.from_env()
    build_images(["python"], REPOSITORY / "images", client)
    mess = Mess(client)
    try:
        mess.make()
        yield mess
    finally:
        for stack in (mess.stack, mess.other):
            remove_stack(client, stack)
        for image in client.images.list(filters={"label": f"sutazai.test={mess.mark}"}):
            client.api.remove_image(str(image.id), force=True)
        client.close()


@pytest.fixture
def only_own_images(mess: Mess, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave other runs' images alone, and have this one's be old enough."""
    look = cleaning.look

    def narrowed(client: docker.DockerClient, stack: str) -> cleaning.Snapshot:
        seen = look(client, stack)
        own = tuple(image for image in seen.images if image.labels.get("sutazai.test") == mess.mark)
        return seen.model_copy(update={"images": own, "taken_s": seen.taken_s + 7200})

    monkeypatch.setattr("sutazai_infra.operations.cleaning.look", narrowed)


@pytest.fixture
def folder(mess: Mess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a project with this stack, of which Redis and the network of its pool are planned."""
    (tmp_path / "Pulumi.yaml").write_text("name: sutazai-infra\nruntime: python\n")
    for shared in ("catalogue", "images", "agents"):
        (tmp_path / shared).symlink_to(REPOSITORY / shared)
    settings = {f"sutazai-infra:{key}": value for key, value in SETTINGS.items()}
    (tmp_path / f"Pulumi.{mess.stack}.yaml").write_text(yaml.safe_dump({"config": settings}))
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}/state")
    return tmp_path


@pytest.mark.skipif(os.geteuid() != 0, reason="rotated logs are root's")
@pytest.mark.usefixtures("only_own_images")
def test_what_a_stack_left_goes_and_volumes_carriers_and_other_stacks_stay(
    mess: Mess, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    eventually(lambda: mess.client.containers.get(f"sutazai-{mess.stack}-old").status == "exited")
    speaker = mess.client.containers.get(f"sutazai-{mess.stack}-speaker")
    volumes = {volume.name for volume in mess.client.volumes.list()}
    command = ["-C", str(folder), "clean", "-s", mess.stack, "--json"]

    assert main([*command, "--dry-run"]) == 0
    planned = json.loads(capsys.readouterr().out)
    assert [row["kind"] for row in planned["leftovers"]] == ["container", "network", "image", "log", "log"]
    assert planned["bytes"] > 20_000
    assert len(rotated(speaker)) == 2

    assert main([*command, "--yes"]) == 0
    done = json.loads(capsys.readouterr().out)
    assert [row["removed"] for row in done["leftovers"]] == [True] * 5
    assert mess.names() == {"redis", "agents-files", f"sutazai-{mess.other}-foreign", "speaker"}
    assert mess.networks() == {"infrastructure", "joined"}
    assert mess.stage not in {image.id for image in mess.client.images.list(all=True)}
    assert rotated(speaker) == []
    assert volumes - {volume.name for volume in mess.client.volumes.list()} == set()

    assert main([*command, "--yes"]) == 0
    assert json.loads(capsys.readouterr().out)["leftovers"] == []


@pytest.mark.skipif(os.geteuid() != 0, reason="rotated logs are root's")
@pytest.mark.usefixtures("only_own_images")
def test_a_container_goes_on_writing_and_rotating_after_its_rotated_logs_went(mess: Mess, folder: Path) -> None:
    speaker = mess.client.containers.get(f"sutazai-{mess.stack}-speaker")
    assert main(["-C", str(folder), "clean", "-s", mess.stack, "--yes"]) == 0
    assert rotated(speaker) == []
    speaker.unpause()
    eventually(lambda: len(rotated(speaker)) == 2)
    assert speaker.logs(tail=1) == b"0123456789012345678901234567890123456789\n"
