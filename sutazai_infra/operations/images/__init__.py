"""The images of the dev stack: their references, and an engine that holds them."""

from __future__ import annotations

from sutazai_infra.operations.images.builder import BuildResult, build_images
from sutazai_infra.operations.images.progress import Progress, ProgressEvent
from sutazai_infra.operations.images.source import ImageError, image_refs

__all__ = ["BuildResult", "ImageError", "Progress", "ProgressEvent", "build_images", "image_refs"]
