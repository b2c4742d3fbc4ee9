"""The kinds of files that a catalogue consists of, and what each may hold.

The same models validate the files and describe them to editors (`schema.py`). Entries are mappings by name, so
that every message can name its entry, and so that a name can't be given twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from sutazai_infra.model.base import Frozen
from sutazai_infra.model.catalogue import Group, Image, Link, Pool, Tier, Volume
from sutazai_infra.model.mesh import Mesh
from sutazai_infra.model.secret import Secret
from sutazai_infra.model.service import Name, PortNumber, PriorityClass, Service

__all__ = ["KINDS", "AgentEntry", "FileKind", "Section", "catalogue_files"]


class AgentEntry(Frozen):
    """One agent: what it is; all else comes from the template."""

    type: Name = Field(description="The kind of task that it fetches from the backend.")
    role: Name = Field(description="What it tells the backend that it does.")
    host_port: PortNumber = Field(description="Where its port would be published, on loopback only.")
    priority: PriorityClass | None = Field(None, description="The template's own where left out.")
    app: str | None = Field(
        None,
        pattern=r"^agents/[a-z0-9]+(-[a-z0-9]+)*$",
        description="Folder with the agent's own module `app`; left out, it runs the template's image.",
    )

    @property
    def image(self) -> str | None:
        """The image that is built from the folder; None where there is no folder."""
        return None if self.app is None else self.app.replace("/", "-").replace("agents-", "agent-", 1)


@dataclass(frozen=True)
class Section:
    """A top-level key: entries by name, each of `model`, whose field `key` the entry's name fills."""

    model: type[Frozen]
    key: str | None
    description: str
    filled: tuple[str, ...] = ()
    single: bool = False

    @property
    def given(self) -> frozenset[str]:
        """Fields of the model that an entry must not give, since the loader fills them."""
        return frozenset(self.filled if self.key is None else (self.key, *self.filled))


@dataclass(frozen=True)
class FileKind:
    """A kind of file: the sections that it may have."""

    name: str
    description: str
    sections: Mapping[str, Section]


_PLATFORM = FileKind(
    "platform",
    "Quotas, core groups, pools, networks, volumes and secrets.",
    {
        "tiers": Section(Tier, "number", "Tier number -> its quota at the reference host."),
        "groups": Section(Group, "name", "Core groups, in the order in which they take cores."),
        "pools": Section(Pool, "name", "Pools."),
        "links": Section(Link, "to", "Service -> who may reach it across pools."),
        "mesh": Section(Mesh, None, "Who calls whom through the gateway.", single=True),
        "volumes": Section(Volume, "name", "Named volumes."),
        "secrets": Section(Secret, None, "Secrets by name; generated for each stack."),
    },
)
_IMAGES = FileKind("images", "Where images come from.", {"images": Section(Image, None, "Images by name.")})
_SERVICES = FileKind("services", "Services.", {"services": Section(Service, "name", "Services by name.")})
_AGENTS = FileKind(
    "agents",
    "The agents: one template, and what tells them apart.",
    {
        "template": Section(
            Service, None, "What all agents share.", filled=("name", "kind", "agent"), single=True
        ),
        "agents": Section(AgentEntry, None, "Agents by name."),
    },
)
KINDS = (_PLATFORM, _IMAGES, _SERVICES, _AGENTS)


def catalogue_files(folder: Path) -> list[tuple[Path, FileKind]]:
    """Return the files of a catalogue in the order in which they are read: services by file name."""
    services = sorted((folder / "services").glob("*.yaml"))
    return [
        (folder / "platform.yaml", _PLATFORM),
        (folder / "images.yaml", _IMAGES),
        *((path, _SERVICES) for path in services),
        (folder / "agents.yaml", _AGENTS),
    ]
