"""Build the images that the engine lacks, in the order in which they stand on each other."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import docker
from docker.errors import APIError

from sutazai_infra.operations.images.base import BASE, ensure_base
from sutazai_infra.operations.images.machine import machine_files, proxies
from sutazai_infra.operations.images.progress import Progress, ProgressEvent, silent
from sutazai_infra.operations.images.prune import prune_old
from sutazai_infra.operations.images.source import (
    ImageError,
    ImageSource,
    build_order,
    context_tar,
    load_sources,
    refs_of,
)

__all__ = ["BuildResult", "build_images"]

_LOG_TAIL = 20
_STEP_WIDTH = 100


@dataclass(frozen=True)
class BuildResult:
    """One image that the engine now holds."""

    name: str
    ref: str
    built: bool
    seconds: float


def build_images(
    names: Iterable[str] | None,
    images_dir: Path,
    client: docker.DockerClient,
    progress: Progress = silent,
) -> list[BuildResult]:
    """Have the engine hold `names` (None: all), and what they are built on; raises `ImageError`."""
    sources = load_sources(images_dir)
    refs = refs_of(sources)
    present = _present(client)
    results = []
    for name in build_order(sources, sources if names is None else names):
        if refs[name] in present:
            progress(ProgressEvent(name, "cached", refs[name]))
            results.append(BuildResult(name, refs[name], built=False, seconds=0.0))
        else:
            results.append(_built(sources[name], refs, client, progress))
    return results


def _present(client: docker.DockerClient) -> set[str]:
    return {tag for image in client.api.images() for tag in image.get("RepoTags") or ()}


def _built(
    source: ImageSource, refs: Mapping[str, str], client: docker.DockerClient, progress: Progress
) -> BuildResult:
    start = time.monotonic()
    ref = refs[source.name]
    progress(ProgressEvent(source.name, "started", ref))
    try:
        if BASE in source.external_bases:
            ensure_base(client, lambda text: progress(ProgressEvent(BASE, "step", text)))
        _build(source, refs, client, lambda text: progress(ProgressEvent(source.name, "step", text)))
    except APIError as error:
        raise ImageError(f"image {source.name}: the engine refuses: {error.explanation or error}") from error
    seconds = time.monotonic() - start
    progress(ProgressEvent(source.name, "finished", f"{seconds:.1f} s"))
    prune_old(source.name, ref, client, progress)
    return BuildResult(source.name, ref, built=True, seconds=seconds)


def _build(
    source: ImageSource, refs: Mapping[str, str], client: docker.DockerClient, say: Callable[[str], None]
) -> None:
    ref = refs[source.name]
    stream = client.api.build(
        fileobj=context_tar(source, refs, machine_files(os.environ) if source.wants_machine else ()),
        custom_context=True,
        tag=ref,
        labels=_labels(source, refs),
        buildargs=proxies(os.environ),
        rm=True,
        forcerm=True,
        decode=True,
    )
    tail: deque[str] = deque(maxlen=_LOG_TAIL)
    error: str | None = None
    # To its end, after an error too: what isn't read keeps its connection.
    for message in stream:
        for line in message.get("stream", "").splitlines():
            tail.append(line)
            if line.startswith("Step "):
                say(" ".join(line.split())[:_STEP_WIDTH])
        if "error" in message and error is None:
            error = message["error"]
    if error is not None:
        raise _failure(source.name, error, tail)


def _labels(source: ImageSource, refs: Mapping[str, str]) -> dict[str, str]:
    return {
        "org.opencontainers.image.title": source.name,
        "org.opencontainers.image.version": refs[source.name].rpartition(":")[2],
        "org.opencontainers.image.base.name": source.final_base(refs),
    }


def _failure(name: str, error: str, tail: Iterable[str]) -> ImageError:
    log = "\n".join(f"  {line}" for line in tail)
    return ImageError(f"image {name}: {error.strip()}; the last lines of its build:\n{log}")
