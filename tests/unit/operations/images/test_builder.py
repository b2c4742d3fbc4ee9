from __future__ import annotations

from pathlib import Path
from typing import cast

import docker
import pytest
from docker.errors import APIError

from sutazai_infra.operations.images import ProgressEvent, build_images, image_refs
from sutazai_infra.operations.images.base import BASE
from sutazai_infra.operations.images.builder import BuildResult
from sutazai_infra.operations.images.prune import KEPT, prune_old, superseded
from sutazai_infra.operations.images.source import ImageError
from tests.unit.operations.images.fakes import FakeClient, FakeEngine


@pytest.fixture
def images(tmp_path: Path) -> Path:
    for name, base in (("app", "sutazai/python"), ("db", BASE), ("python", BASE)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "Dockerfile").write_text(f"FROM {base}\n")
    return tmp_path


def build(
    engine: FakeEngine, images: Path, names: list[str] | None = None
) -> tuple[list[BuildResult], list[ProgressEvent]]:
    events: list[ProgressEvent] = []
    client = cast("docker.DockerClient", FakeClient(engine))
    return build_images(names, images, client, events.append), events


def test_everything_that_is_missing_is_built_bases_first(images: Path) -> None:
    engine = FakeEngine(tags=[BASE])
    results, _ = build(engine, images)
    assert [result.name for result in results] == ["python", "app", "db"]
    assert all(result.built for result in results)
    assert [options["tag"] for options in engine.built] == [result.ref for result in results]


def test_what_the_engine_holds_is_not_built_again(images: Path) -> None:
    engine = FakeEngine(tags=[BASE])
    build(engine, images)
    results, events = build(engine, images)
    assert not any(result.built for result in results)
    assert {event.kind for event in events} == {"cached"}
    assert len(engine.built) == 3


def test_an_image_is_built_with_its_bases_only(images: Path) -> None:
    results, _ = build(FakeEngine(tags=[BASE]), images, ["app"])
    assert [result.name for result in results] == ["python", "app"]


def test_an_image_says_what_it_is_and_what_it_stands_on(images: Path) -> None:
    engine = FakeEngine(tags=[BASE])
    build(engine, images, ["app"])
    refs = image_refs(images)
    assert engine.built[-1]["labels"] == {
        "org.opencontainers.image.title": "app",
        "org.opencontainers.image.version": refs["app"].rpartition(":")[2],
        "org.opencontainers.image.base.name": refs["python"],
    }


def test_progress_tells_the_steps(images: Path) -> None:
    engine = FakeEngine(tags=[BASE], log=[{"stream": "Step 1/2 : RUN a \\  && b\n ---> 1234\n"}, {"aux": ""}])
    _, events = build(engine, images, ["db"])
    assert [event.kind for event in events] == ["started", "step", "finished"]
    assert events[1].text == "Step 1/2 : RUN a \\ && b"


def test_a_failed_build_shows_the_end_of_its_log(images: Path) -> None:
    lines = "".join(f"line {number}\n" for number in range(50))
    engine = FakeEngine(tags=[BASE], log=[{"stream": lines}, {"error": "The command returned 100"}])
    with pytest.raises(ImageError) as failure:
        build(engine, images, ["db"])
    first, *tail = str(failure.value).splitlines()
    assert first == "image db: The command returned 100; the last lines of its build:"
    assert tail == [f"  line {number}" for number in range(30, 50)]


def test_what_the_engine_refuses_is_told_in_its_words(images: Path) -> None:
    engine = FakeEngine(tags=[BASE], refusal=APIError("400", explanation="dockerfile parse error on line 1"))
    with pytest.raises(ImageError, match="image db: the engine refuses: dockerfile parse error on line 1"):
        build(engine, images, ["db"])


def test_the_oldest_builds_of_an_image_are_superseded() -> None:
    listed = [{"Created": age, "RepoTags": [f"sutazai/db:{age}", f"sutazai/dbx:{age}"]} for age in range(6)]
    assert KEPT == 3
    assert superseded(listed, "db", "sutazai/db:5") == ["sutazai/db:2", "sutazai/db:1", "sutazai/db:0"]


def test_the_current_build_is_kept_however_old_it_is() -> None:
    listed = [{"Created": age, "RepoTags": [f"sutazai/db:{age}"]} for age in range(4)]
    assert superseded(listed, "db", "sutazai/db:0") == ["sutazai/db:1"]


def test_images_without_a_tag_are_no_builds() -> None:
    assert superseded([{"Created": 1, "RepoTags": None}], "db", "sutazai/db:1") == []


def test_a_superseded_build_goes_unless_a_container_needs_it() -> None:
    engine = FakeEngine(tags=[f"sutazai/db:{age}" for age in range(5)], in_use={"sutazai/db:0"})
    events: list[ProgressEvent] = []
    prune_old("db", "sutazai/db:4", cast("docker.DockerClient", FakeClient(engine)), events.append)
    assert engine.removed == ["sutazai/db:1"]
    assert events == [ProgressEvent("db", "pruned", "sutazai/db:1")]
