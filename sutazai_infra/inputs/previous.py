"""The plan of the last deployment, as the stack's state holds it: what the planner keeps places from."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sutazai_infra.inputs.backend import local_state
from sutazai_infra.model.plan import Plan

__all__ = ["plan_in_state", "previous_plan"]

PLATFORM_TYPE = "sutazai:index:Platform"


def previous_plan(project: str, stack: str) -> Plan | None:
    """Read it from a file backend directly, from any other through the CLI; None when there is none."""
    folder = local_state()
    if folder is not None:
        return plan_in_state(_checkpoint(folder, project, stack))
    return plan_in_state(_exported(stack))


def plan_in_state(document: Any) -> Plan | None:
    """Find the plan among a checkpoint's or an export's resources; None for one that this version can't read."""
    body = _mapping(_mapping(document).get("checkpoint", document))
    latest = _mapping(body.get("latest") or body.get("deployment"))
    for resource in map(_mapping, latest.get("resources") or ()):
        if resource.get("type") == PLATFORM_TYPE and "plan" in _mapping(resource.get("outputs")):
            try:
                return Plan.model_validate_json(resource["outputs"]["plan"])
            except (ValidationError, TypeError):
                return None
    return None


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _checkpoint(folder: Path, project: str, stack: str) -> Any:
    path = folder / ".pulumi" / "stacks" / project / f"{stack}.json"
    try:
        packed = path.with_name(f"{path.name}.gz")
        return json.loads(gzip.decompress(packed.read_bytes()) if packed.exists() else path.read_text())
    except (OSError, ValueError, EOFError):
        return None


def _exported(stack: str) -> Any:
    pulumi = shutil.which("pulumi")
    if pulumi is None:
        return None
    command = [pulumi, "stack", "export", "--stack", stack]
    try:
        done = subprocess.run(command, capture_output=True, timeout=30, check=False)  # noqa: S603  fixed words
        return json.loads(done.stdout) if done.returncode == 0 else None
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
