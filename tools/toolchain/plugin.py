"""Puts the Docker provider where the engine looks for it: PULUMI_HOME/plugins."""

from __future__ import annotations

import tarfile
import tempfile
from pathlib import Path

from tools.toolchain import gobuild, official
from tools.toolchain.errors import ToolchainError
from tools.toolchain.pins import Pins
from tools.toolchain.places import Places
from tools.toolchain.progress import say
from tools.toolchain.pulumi import Choice
from tools.toolchain.run import Runner, run

STAMP = ".sutazai-build"


def ensure_provider(
    choice: Choice, pins: Pins, places: Places, runner: Runner = run, *, retry: bool = False
) -> str:
    """Install the provider if it is missing, or was built from other sources; tell where it came from."""
    directory = choice.home(places) / "plugins" / f"resource-docker-v{pins.provider}"
    if (directory / pins.docker_provider.binary).is_file():
        origin = installed_build(directory)
        # Without a stamp it is the stock provider: the first choice, so it stays.
        if origin is None:
            return "installed"
        if origin == build_name(pins, places) and not retry:
            return "built"
    if archive := official.get_provider(pins, places):
        install(choice, archive, pins, places, runner)
        archive.unlink(missing_ok=True)
        (directory / STAMP).unlink(missing_ok=True)
        return "downloaded"
    binary = gobuild.build(pins.docker_provider, pins, places)
    with tempfile.TemporaryDirectory(dir=places.cache) as scratch:
        install(choice, pack(binary, Path(scratch)), pins, places, runner)
    (directory / STAMP).write_text(build_name(pins, places), encoding="utf-8")
    return "built"


def build_name(pins: Pins, places: Places) -> str:
    """Name what a built provider was made of, by its directory in the cache."""
    return places.built(pins.docker_provider).parent.parent.name


def installed_build(directory: Path) -> str | None:
    """Name what the installed provider was built from; nothing for the stock provider."""
    stamp = directory / STAMP
    return stamp.read_text(encoding="utf-8") if stamp.is_file() else None


def pack(binary: Path, directory: Path) -> Path:
    """Make an archive as the engine installs it."""
    archive = directory / "plugin.tar.gz"
    with tarfile.open(archive, "w:gz", compresslevel=1) as tar:
        tar.add(binary, arcname=binary.name)
    return archive


def install(choice: Choice, archive: Path, pins: Pins, places: Places, runner: Runner) -> None:
    """Have the engine install it: it alone knows the layout of its plugins."""
    home = choice.home(places)
    say(f"installing the Docker provider {pins.provider} into {home}")
    command = [choice.cli, "plugin", "install", "resource", "docker", f"v{pins.provider}"]
    environ = dict(places.environ) | {"PULUMI_HOME": str(home), "PULUMI_SKIP_UPDATE_CHECK": "1"}
    result = runner([*command, "--file", archive, "--reinstall"], env=environ, timeout=120)
    if result.code:
        raise ToolchainError(
            f"the engine does not install the Docker provider into {home}: {result.output.strip()}\n"
            f"Way out: make {home} writable, or set PULUMI_HOME to a directory that is"
        )
