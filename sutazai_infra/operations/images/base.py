"""The one external base, `debian:bookworm-slim`: from the engine, else from a registry, else made here."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import docker
import requests
from docker.errors import APIError, DockerException, ImageNotFound

from sutazai_infra.operations.images.bootstrap import SUITE, base_archive, cache_dir

__all__ = ["BASE", "ensure_base"]

BASE = f"debian:{SUITE}-slim"
_REGISTRY_TIMEOUT_S = 10
# An engine that reached no registry is not asked again at every build, but will be after a day.
_NO_REGISTRY_S = 24 * 3600
_IMPORT_CHANGES = [
    "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    'CMD ["bash"]',
    'LABEL org.opencontainers.image.description="Debian slim, made on this machine; not the official image"',
]


def ensure_base(client: docker.DockerClient, say: Callable[[str], None], cache: Path | None = None) -> None:
    """Have the engine hold `BASE`; raises `ImageError` with the way out where that can't be done."""
    if _present(client):
        return
    folder = cache or cache_dir()
    if not _pulled(client, folder, say):
        archive = base_archive(folder, say)
        say("importing into the engine")
        repository, tag = BASE.split(":")
        client.api.import_image_from_file(str(archive), repository=repository, tag=tag, changes=_IMPORT_CHANGES)


def _present(client: docker.DockerClient) -> bool:
    try:
        client.images.get(BASE)
    except ImageNotFound:
        return False
    return True


def _pulled(client: docker.DockerClient, cache: Path, say: Callable[[str], None]) -> bool:
    unreached = cache / f"no-registry-{BASE.replace(':', '-')}"
    if _age(unreached) < _NO_REGISTRY_S:
        return False
    try:
        # A pull has no time-out of its own; asking for the manifest first tells quickly whether one can work.
        with _timeout(client, _REGISTRY_TIMEOUT_S):
            client.images.get_registry_data(BASE)
        say("pulling")
        client.images.pull(BASE)
    except (APIError, DockerException, requests.RequestException):
        cache.mkdir(parents=True, exist_ok=True)
        unreached.touch()
        return False
    return True


def _age(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return float("inf")


@contextmanager
def _timeout(client: docker.DockerClient, seconds: int) -> Iterator[None]:
    before = client.api.timeout
    client.api.timeout = seconds
    try:
        yield
    finally:
        client.api.timeout = before
