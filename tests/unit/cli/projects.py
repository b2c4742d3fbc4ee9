"""A project's folder with the real catalogue and a stack of its own, that needs no engine."""

from __future__ import annotations

from pathlib import Path

import yaml

__all__ = ["REPOSITORY", "write_project"]

REPOSITORY = Path(__file__).parents[3]
LAB = {
    "host": {"cores": 12, "memory": "29.38Gi", "reserved_cores": "0-1"},
    "services": {"only": ["postgres", "redis"]},
    "agents": 0,
}


def write_project(folder: Path, **changed: object) -> Path:
    """Make a project with a stack `lab`, whose settings are a small declared host's."""
    (folder / "Pulumi.yaml").write_text("name: sutazai-infra\nruntime: python\n")
    for shared in ("catalogue", "images"):
        if not (folder / shared).exists():
            (folder / shared).symlink_to(REPOSITORY / shared)
    settings = {f"sutazai-infra:{key}": value for key, value in {**LAB, **changed}.items()}
    (folder / "Pulumi.lab.yaml").write_text(yaml.safe_dump({"config": settings}))
    return folder
