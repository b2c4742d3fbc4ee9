"""Data that outlived its secrets: a volume whose password this state doesn't know can be opened by nobody."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sutazai_infra.inputs.secretstore import read_secrets, store_path
from sutazai_infra.model.catalogue import Catalogue
from sutazai_infra.model.container import StackSpec
from sutazai_infra.model.service import Service

__all__ = ["kept_data_problems"]


def kept_data_problems(spec: StackSpec, catalogue: Catalogue, there: Collection[str]) -> Iterator[str]:
    """Name the volumes among `there` whose data was made with secrets that aren't kept; raises `SutazaiError`."""
    data = {volume.name for volume in spec.volumes if volume.data}
    held = {
        c.service: [m.volume for m in c.mounts if m.volume in data and m.volume in there] for c in spec.containers
    }
    known = read_secrets(spec.stack) if any(held.values()) else {}
    for service, volumes in held.items():
        unknown = sorted(_kept_within(catalogue.service(service), catalogue) - set(known))
        if volumes and unknown:
            yield (
                f"services/{service}: its data is there already ({', '.join(volumes)}), made with "
                f"{', '.join(unknown)}, which {store_path(spec.stack)} doesn't have; restore that file, or give "
                f"the data up: docker volume rm {' '.join(volumes)}"
            )


def _kept_within(service: Service, catalogue: Catalogue) -> set[str]:
    """Return the secrets that live on in the service's own data."""
    named = {name for file in service.secrets for name in file.names}
    return {
        name for name in named if catalogue.secrets[name].told == service.name or catalogue.secrets[name].fixed
    }
