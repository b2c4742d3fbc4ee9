from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from tools.toolchain import gobuild, official, plugin
from tools.toolchain.errors import ToolchainError
from tools.toolchain.pins import Build, Pins
from tools.toolchain.places import Places
from tools.toolchain.pulumi import Choice
from tools.toolchain.run import Result


@pytest.fixture
def choice(tmp_path: Path) -> Choice:
    return Choice(tmp_path / "pulumi", tmp_path / "pulumi-language-python", "built")


class Engine:
    """Stands in for `pulumi plugin install`."""

    def __init__(self, code: int = 0) -> None:
        self.calls: list[list[str]] = []
        self.code = code

    def __call__(self, command: list[object], *, env: dict[str, str], **_: float) -> Result:
        words = [str(each) for each in command]
        self.calls.append(words)
        if self.code == 0:
            directory = Path(env["PULUMI_HOME"]) / "plugins" / f"resource-docker-{words[5]}"
            directory.mkdir(parents=True, exist_ok=True)
            with tarfile.open(words[words.index("--file") + 1]) as tar:
                (directory / "pulumi-resource-docker").write_bytes(tar.extractfile(tar.next()).read())  # type: ignore[union-attr, arg-type]
        return Result(self.code, "permission denied")


@pytest.fixture
def _built(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def build(_: Build, __: Pins, places: Places) -> Path:
        (tmp_path / "pulumi-resource-docker").write_bytes(b"built")
        places.cache.mkdir(exist_ok=True)
        return tmp_path / "pulumi-resource-docker"

    monkeypatch.setattr(gobuild, "build", build)
    monkeypatch.setattr(official, "get_provider", lambda *_: None)


def provider(choice: Choice, pins: Pins, places: Places) -> Path:
    return choice.home(places) / "plugins" / f"resource-docker-v{pins.provider}" / "pulumi-resource-docker"


@pytest.mark.usefixtures("_built")
def test_a_built_provider_is_installed_once(choice: Choice, pins: Pins, places: Places) -> None:
    engine = Engine()
    assert plugin.ensure_provider(choice, pins, places, engine) == "built"
    assert plugin.ensure_provider(choice, pins, places, engine) == "built"
    assert provider(choice, pins, places).read_bytes() == b"built"
    (call,) = engine.calls
    assert call[1:6] == ["plugin", "install", "resource", "docker", f"v{pins.provider}"]


@pytest.mark.usefixtures("_built")
def test_a_provider_of_other_sources_is_replaced(choice: Choice, pins: Pins, places: Places) -> None:
    engine = Engine()
    plugin.ensure_provider(choice, pins, places, engine)
    (provider(choice, pins, places).parent / plugin.STAMP).write_text("provider-5.2.0-older")
    plugin.ensure_provider(choice, pins, places, engine)
    assert len(engine.calls) == 2


@pytest.mark.usefixtures("_built")
def test_the_stock_provider_stays(choice: Choice, pins: Pins, places: Places) -> None:
    stock = provider(choice, pins, places)
    stock.parent.mkdir(parents=True)
    stock.write_bytes(b"stock")
    engine = Engine()
    assert plugin.ensure_provider(choice, pins, places, engine) == "installed"
    assert not engine.calls


def test_a_download_comes_before_a_build(
    choice: Choice, pins: Pins, places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pulumi-resource-docker").write_bytes(b"official")
    archive = plugin.pack(tmp_path / "pulumi-resource-docker", tmp_path)
    monkeypatch.setattr(official, "get_provider", lambda *_: archive)
    assert plugin.ensure_provider(choice, pins, places, Engine()) == "downloaded"
    assert plugin.ensure_provider(choice, pins, places, Engine()) == "installed"
    assert provider(choice, pins, places).read_bytes() == b"official"
    assert not archive.exists()


@pytest.mark.usefixtures("_built")
def test_a_retry_prefers_the_stock_provider_to_a_build(
    choice: Choice, pins: Pins, places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Engine()
    plugin.ensure_provider(choice, pins, places, engine)
    (tmp_path / "pulumi-resource-docker").write_bytes(b"official")
    archive = plugin.pack(tmp_path / "pulumi-resource-docker", tmp_path)
    monkeypatch.setattr(official, "get_provider", lambda *_: archive)
    assert plugin.ensure_provider(choice, pins, places, engine, retry=True) == "downloaded"
    assert plugin.ensure_provider(choice, pins, places, engine) == "installed"
    assert provider(choice, pins, places).read_bytes() == b"official"


@pytest.mark.usefixtures("_built")
def test_an_engine_that_refuses_is_quoted(choice: Choice, pins: Pins, places: Places) -> None:
    with pytest.raises(ToolchainError, match=r"does not install .*: permission denied\nWay out: make .* writable"):
        plugin.ensure_provider(choice, pins, places, Engine(code=1))
