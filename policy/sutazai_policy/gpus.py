"""GPUs as Docker is asked for them: which wishes are for GPUs, and which for any device that a driver knows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sutazai_policy import reading

__all__ = ["is_gpu_option", "is_gpu_request"]

# A second "=" would name a driver, or a device of another kind (vendor.com/kind=name). The provider drops quotes.
_OPTION = re.compile(r"[\"' ]*(?:all|\d+|device=[\w:,-]+)[\"' ]*", re.ASCII)
_IDENTIFIER = re.compile(r"[\w.-]+/gpu=[\w:.-]+", re.ASCII)


def is_gpu_option(text: str) -> bool:
    """Whether a container's `gpus` asks for nothing but GPUs."""
    return _OPTION.fullmatch(text) is not None


def is_gpu_request(entry: Mapping[str, Any]) -> bool:
    """Whether one of `deviceRequests` is for nothing but GPUs; cdi, the default driver, has other devices, too."""
    if reading.text(entry, "driver").value == "nvidia":
        return True
    found = reading.texts(entry, "deviceIds").value
    return bool(found) and all(one.value and _IDENTIFIER.fullmatch(one.value) for one in found or ())
