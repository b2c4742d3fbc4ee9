"""Remove superseded builds; never one that a container, running or stopped, still stands on."""

from __future__ import annotations

from typing import Any

import docker
from docker.errors import APIError

from sutazai_infra.operations.images.progress import Progress, ProgressEvent
from sutazai_infra.operations.images.source import PREFIX

__all__ = ["KEPT", "prune_old", "superseded"]

KEPT = 3
# Stages that only others copy from keep no name; they serve as the engine's cache for a while.
_OLD_STAGES = {"dangling": True, "label": "sutazai.stage", "until": "168h"}


def superseded(images: list[dict[str, Any]], name: str, current: str) -> list[str]:
    """List the references of `name` beyond the newest `KEPT`, oldest last; `current` is always kept."""
    newest_first = sorted(images, key=lambda image: int(image["Created"]), reverse=True)
    tags = [tag for image in newest_first for tag in image.get("RepoTags") or ()]
    others = [tag for tag in tags if tag.startswith(f"{PREFIX}{name}:") and tag != current]
    return others[KEPT - 1 :]


def prune_old(name: str, current: str, client: docker.DockerClient, progress: Progress) -> None:
    """Remove what `superseded` names where the engine finds it unused, and stages of long ago."""
    for ref in superseded(client.api.images(), name, current):
        try:
            # Not forced: the engine refuses, with a conflict, as long as a container needs the image.
            client.api.remove_image(ref)
        except APIError:
            continue
        progress(ProgressEvent(name, "pruned", ref))
    client.images.prune(filters=_OLD_STAGES)
