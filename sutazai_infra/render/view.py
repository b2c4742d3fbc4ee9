"""What a renderer sees: the service whose file it writes, and the stack around it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import yaml

from sutazai_infra.model.catalogue import Catalogue
from sutazai_infra.model.plan import Plan, PlannedService
from sutazai_infra.model.service import Service
from sutazai_infra.model.settings import ImageSource, Settings
from sutazai_infra.planning.tuning import tuned_in

__all__ = ["HEADER", "Renderer", "View", "yaml_text"]

HEADER = "Rendered from the plan: a change here is lost at the next update."


@dataclass(frozen=True)
class View:
    """A plan, seen from one of its services."""

    service: Service
    plan: Plan
    catalogue: Catalogue
    settings: Settings

    @property
    def row(self) -> PlannedService:
        """The first replica of the service."""
        return self.rows(self.service.name)[0]

    @property
    def built(self) -> bool:
        """Whether the stack runs images built from Debian's packages, which are older than upstream's."""
        return self.settings.images is ImageSource.BUILT

    def rows(self, name: str) -> tuple[PlannedService, ...]:
        """The replicas of a service; none where it isn't in the stack."""
        return tuple(row for row in self.plan.residents if row.name == name)

    def reaches(self, row: PlannedService) -> bool:
        """Whether the service shares a network with a replica, its own included."""
        return bool(set(self.row.networks) & set(row.networks))

    def reachable(self, name: str) -> tuple[PlannedService, ...]:
        """The replicas of a service that this one shares a network with."""
        return tuple(row for row in self.rows(name) if self.reaches(row))

    def seen_from(self, name: str) -> View:
        """The same stack, seen from another of its services."""
        return View(self.catalogue.service(name), self.plan, self.catalogue, self.settings)

    def address(self, name: str, port: str = "http") -> str:
        """`name:port` of a service of the catalogue, by the port's name or else its first."""
        ports = self.catalogue.service(name).ports
        number = {p.name: p.container for p in reversed(ports)}.get(port, ports[0].container)
        return f"{name}:{number}"

    def path_of(self, renderer: str) -> str:
        """Where the file of a renderer lies in the service's container; raises `KeyError`."""
        return {name: path for path, name in self.service.configs.items()}[renderer]

    def tuned(self) -> Mapping[str, str]:
        """Values of the service's tuning rule, from the limits that it is `tuned_by`."""
        return tuned_in(self.plan, self.service)


Renderer = Callable[[View], str]


def yaml_text(document: object, notes: Iterable[str] = ()) -> str:
    """Write a document as YAML below the header and some comments."""
    head = "".join(f"# {note}\n" for note in (HEADER, *notes))
    return head + yaml.safe_dump(document, sort_keys=False, width=110, allow_unicode=True)
