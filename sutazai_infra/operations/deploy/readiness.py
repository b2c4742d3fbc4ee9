"""What an update refuses before it builds or prepares anything, and the images that it needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sutazai_infra.model.container import StackSpec
from sutazai_infra.model.settings import ImageSource, PoolCgroups
from sutazai_infra.operations.gathering import Gathered
from sutazai_infra.operations.images import image_refs
from sutazai_infra.operations.preflight import check

__all__ = ["check_before_work", "images_to_build"]


def check_before_work(gathered: Gathered, spec: StackSpec) -> None:
    """Refuse what building images and preparing the host can't cure; raises `PreflightError`."""
    curable = {"images": ImageSource.UPSTREAM, "pool_cgroups": PoolCgroups.OFF}
    check(replace(gathered, settings=gathered.settings.model_copy(update=curable)), spec)


def images_to_build(gathered: Gathered, spec: StackSpec) -> Sequence[str]:
    """Name the images of `images/` that the stack's containers run on."""
    if gathered.settings.images is not ImageSource.BUILT:
        return ()
    used = {container.image for container in spec.containers}
    return [name for name, ref in image_refs(gathered.folder / "images").items() if ref in used]
