"""The official releases of the CLI (with its language hosts) and of the Docker provider."""

from __future__ import annotations

import platform
import shutil
import sys
import tarfile
from pathlib import Path, PurePosixPath

from tools.toolchain import download
from tools.toolchain.download import Memory, NotFetchedError, NotPublishedError
from tools.toolchain.pins import Pins
from tools.toolchain.places import Places
from tools.toolchain.progress import say

ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


def target() -> tuple[str, str]:
    """Name the operating system and architecture, in the words of the release files."""
    return sys.platform, ARCHITECTURES.get(platform.machine().lower(), platform.machine().lower())


def get_cli(pins: Pins, places: Places) -> Path | None:
    """Download the CLI's release into the cache, unless its source failed lately."""
    version, (system, machine) = pins.pulumi_official, target()
    name = f"pulumi-v{version}-{system}-{machine.replace('amd64', 'x64')}.tar.gz"
    binary, archive = places.official(version), places.cache / "downloads" / name
    memory, source = Memory(places.cache), f"{pins.pulumi_url}/{name}"
    if memory.failure(source):
        return None
    try:
        # The list first: it is small, and without it the release could not be trusted anyway.
        sums = download.text(f"{pins.pulumi_checksums_url}/v{version}/pulumi-{version}-checksums.txt")
        download.save(source, archive)
        download.verify(archive, name, sums)
        unpack(archive, binary.parent)
    except NotFetchedError as error:
        give_up(memory, source, "the official Pulumi release", error)
        return None
    finally:
        archive.unlink(missing_ok=True)
    return binary


def get_provider(pins: Pins, places: Places) -> Path | None:
    """Download the provider's plugin archive, unless its source failed lately."""
    system, machine = target()
    name = f"pulumi-resource-docker-v{pins.provider}-{system}-{machine}.tar.gz"
    archive = places.cache / "downloads" / name
    memory, source = Memory(places.cache), f"{pins.provider_url}/{name}"
    if memory.failure(source):
        return None
    try:
        try:
            sums = download.text(f"{pins.provider_url}/pulumi-docker_{pins.provider}_checksums.txt")
        except NotPublishedError:
            sums = ""
            say(f"{name} has no published checksum: its transport alone vouches for it, as for the engine")
        download.save(source, archive)
        if sums:
            download.verify(archive, name, sums)
    except NotFetchedError as error:
        archive.unlink(missing_ok=True)
        give_up(memory, source, "the official Docker provider", error)
        return None
    return archive


def give_up(memory: Memory, source: str, what: str, error: NotFetchedError) -> None:
    """Say why another way is taken, and makes the next calls take it at once."""
    memory.remember(source, str(error))
    say(f"{what} is not to be had: {error}. It is left alone for 24 hours, or until `ensure --retry`")


def unpack(archive: Path, directory: Path) -> None:
    """Lay an archive's files into one directory, which appears whole or not at all."""
    part = directory.with_name(directory.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        with tarfile.open(archive) as tar:
            for member in tar:
                content = tar.extractfile(member) if member.isfile() else None
                if content:
                    # The name alone: whatever path an archive gives, nothing lands outside.
                    path = part / PurePosixPath(member.name).name
                    with content, path.open("wb") as file:
                        shutil.copyfileobj(content, file)
                    path.chmod(0o755 if member.mode & 0o100 else 0o644)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise NotFetchedError(f"{archive.name} cannot be unpacked: {error}") from error
    if not (part / "pulumi").is_file():
        raise NotFetchedError(f"{archive.name} holds no `pulumi`")
    shutil.rmtree(directory, ignore_errors=True)
    part.replace(directory)
