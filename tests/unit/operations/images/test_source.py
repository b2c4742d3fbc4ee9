from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from sutazai_infra.operations.images.source import (
    ImageError,
    build_order,
    context_tar,
    image_refs,
    load_sources,
)

ROOT = Path(__file__).parents[4]


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture
def images(tmp_path: Path) -> Path:
    root = tmp_path / "images"
    write(root, python__Dockerfile="FROM debian:bookworm-slim\n")
    write(root, app__Dockerfile="FROM sutazai/python\nCOPY main.py /\n", app__main="print(1)\n")
    write(root, db__Dockerfile="FROM debian:bookworm-slim AS packages\nFROM packages\n")
    return root


def test_a_reference_is_the_name_and_twelve_hex_digits(images: Path) -> None:
    refs = image_refs(images)
    assert list(refs) == ["app", "db", "python"]
    for name, ref in refs.items():
        prefix, _, digest = ref.partition(":")
        assert prefix == f"sutazai/{name}"
        assert len(digest) == 12
        assert int(digest, 16) >= 0


def test_a_copy_elsewhere_with_other_times_has_the_same_references(images: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(images, tmp_path / "elsewhere")
    for path in copy.rglob("*"):
        os.utime(path, (1, 1))
    assert image_refs(copy) == image_refs(images)


def test_a_changed_source_changes_its_reference_alone(images: Path) -> None:
    before = image_refs(images)
    write(images, app__main="print(2)\n")
    after = image_refs(images)
    assert after["app"] != before["app"]
    assert (after["python"], after["db"]) == (before["python"], before["db"])


def test_a_changed_base_changes_what_is_built_on_it(images: Path) -> None:
    before = image_refs(images)
    write(images, python__Dockerfile="FROM debian:bookworm-slim\nRUN true\n")
    after = image_refs(images)
    assert after["python"] != before["python"]
    assert after["app"] != before["app"]
    assert after["db"] == before["db"]


def test_a_renamed_file_and_an_executable_bit_count(images: Path) -> None:
    seen = {image_refs(images)["app"]}
    (images / "app/main").chmod(0o755)
    seen.add(image_refs(images)["app"])
    (images / "app/main").rename(images / "app/start")
    seen.add(image_refs(images)["app"])
    assert len(seen) == 3


def test_what_python_leaves_behind_does_not_count(images: Path) -> None:
    before = image_refs(images)
    (images / "app/__pycache__").mkdir()
    (images / "app/__pycache__/main.cpython-311.pyc").write_text("x")
    (images / "app/stray.pyc").write_text("x")
    assert image_refs(images)["app"] == before["app"]


def test_bases_come_before_what_is_built_on_them(images: Path) -> None:
    sources = load_sources(images)
    assert build_order(sources, ["app"]) == ["python", "app"]
    assert build_order(sources, ["python", "app"]) == ["python", "app"]


def test_an_unknown_image_is_named_with_those_that_are_there(images: Path) -> None:
    with pytest.raises(ImageError, match="image web: no such folder; there are app, db, python"):
        build_order(load_sources(images), ["web"])


def test_an_unknown_base_is_named_with_who_wants_it(images: Path) -> None:
    write(images, app__Dockerfile="FROM sutazai/ruby\n")
    with pytest.raises(ImageError, match="image ruby, which app is built on: no such folder"):
        image_refs(images)


def test_images_that_stand_on_each_other_are_refused(images: Path) -> None:
    write(images, python__Dockerfile="FROM sutazai/app\n")
    with pytest.raises(ImageError, match="images app -> python -> app: an image can't be built on itself"):
        image_refs(images)


@pytest.mark.parametrize("base", ["sutazai/python:latest", "${BASE}"])
def test_a_base_that_cannot_be_pinned_is_refused(images: Path, base: str) -> None:
    write(images, app__Dockerfile=f"FROM {base}\n")
    with pytest.raises(
        ImageError, match=r"app/Dockerfile: .* can't be pinned; write the plain name, as in sutazai/py"
    ):
        image_refs(images)


def test_a_link_in_a_context_is_refused(images: Path) -> None:
    (images / "app/link").symlink_to("/etc/passwd")
    with pytest.raises(ImageError, match="app/link: a link in a build context; put the file itself there"):
        image_refs(images)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="/nowhere: no such folder; name the one that holds images"):
        image_refs(tmp_path / "nowhere")


def test_the_context_pins_every_own_base(images: Path) -> None:
    text = "FROM sutazai/python AS build\nFROM debian:bookworm-slim\nCOPY --from=sutazai/python /x /x\n"
    write(images, app__Dockerfile=text)
    sources, refs = load_sources(images), image_refs(images)
    with tarfile.open(fileobj=context_tar(sources["app"], refs)) as archive:
        file = archive.extractfile("Dockerfile")
        assert file is not None
        pinned = file.read().decode()
        assert sorted(archive.getnames()) == ["Dockerfile", "main"]
    assert pinned == text.replace("sutazai/python", refs["python"])


def test_the_final_base_is_that_of_the_last_stage(images: Path) -> None:
    sources, refs = load_sources(images), image_refs(images)
    assert sources["app"].final_base(refs) == refs["python"]
    assert sources["python"].final_base(refs) == "debian:bookworm-slim"


def test_stages_are_no_bases(images: Path) -> None:
    source = load_sources(images)["db"]
    assert (source.own_bases, source.external_bases) == ((), ("debian:bookworm-slim",))


def test_every_image_of_the_project_stands_on_the_one_external_base() -> None:
    sources = load_sources(ROOT / "images")
    assert set(sources) >= {"pgbouncer", "postgres", "python", "redis", "workload"}
    for source in sources.values():
        assert set(source.external_bases) <= {"debian:bookworm-slim"}


def test_every_image_of_the_project_runs_as_a_numbered_user() -> None:
    for source in load_sources(ROOT / "images").values():
        if source.own_bases == ("agent",):
            continue  # an agent's folder: its last stage names no user, and so keeps the shared image's
        users = [line for line in source.dockerfile.splitlines() if line.startswith("USER ")]
        uid = users[-1].removeprefix("USER ").partition(":")[0]
        assert int(uid) > 0


@pytest.mark.parametrize("names", [("app.py",), ("app.py", "requirements.txt")])
def test_hadolint_finds_nothing_in_what_an_agents_folder_is_built_by(
    tmp_path: Path, names: tuple[str, ...]
) -> None:
    (tmp_path / "images").mkdir()
    folder = tmp_path / "agents/mine"
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).touch()
    dockerfile = load_sources(tmp_path / "images")["agent-mine"].dockerfile
    assert (".machine" in dockerfile) == (len(names) == 2)
    command: list[str | Path] = [
        Path(sys.executable).parent / "hadolint",
        "--config",
        ROOT / ".hadolint.yaml",
        "-",
    ]
    done = subprocess.run(command, input=dockerfile, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("", 0)
