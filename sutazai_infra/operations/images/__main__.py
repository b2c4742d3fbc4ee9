"""`python -m sutazai_infra.operations.images [names]`: build the images that the engine lacks."""

from __future__ import annotations

import sys
from pathlib import Path

import docker
from docker.errors import DockerException

from sutazai_infra.model.errors import SutazaiError
from sutazai_infra.operations.images import ProgressEvent, build_images


def _print(event: ProgressEvent) -> None:
    print(f"{event.image}: {event.kind} {event.text}".rstrip(), flush=True)


def main(names: list[str]) -> int:
    """Build `names`, or all; the exit status."""
    try:
        build_images(names or None, Path("images"), docker.from_env(), _print)
    except (SutazaiError, DockerException) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
