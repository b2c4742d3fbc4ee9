"""Which stores there are follows from the catalogue, and so does who is held."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from sutazai_infra.inputs.catalogue import load_catalogue
from sutazai_infra.model.catalogue import Catalogue
from sutazai_infra.model.container import StackSpec
from sutazai_infra.model.errors import SutazaiError
from sutazai_infra.model.settings import Settings
from sutazai_infra.operations.snapshots.manifest import Facts, differences
from sutazai_infra.operations.snapshots.stores import chosen, stores_of, writers
from sutazai_infra.planning.declaration import Target, declare
from sutazai_infra.planning.planner import plan
from sutazai_infra.render.configs import render_configs
from tests.unit.cli.projects import REPOSITORY

HOST = {"cores": 12, "memory": "29.38Gi", "reserved_cores": "0-1"}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(REPOSITORY / "catalogue")


def declared(catalogue: Catalogue, *services: str, **more: object) -> StackSpec:
    given: Mapping[str, object] = {"host": HOST, "agents": 0, "services": {"only": list(services)}, **more}
    settings = Settings.parsed("settings", given)
    assert settings.host != "auto"
    resolved = plan(catalogue, settings.host.host(), settings)
    return declare(resolved, catalogue, settings, Target("lab", {}, render_configs(resolved, catalogue, settings)))


def test_stores_are_those_that_say_how_they_are_taken(catalogue: Catalogue) -> None:
    spec = declared(catalogue, "postgres", "redis", "chromadb", "prometheus")
    found = {(one.volume, one.full, one.path, one.way.value, one.live) for one in stores_of(catalogue, spec)}
    assert found == {
        ("postgres-data", "sutazai-lab-postgres-data", "/var/lib/postgresql/data", "postgres", True),
        ("redis-data", "sutazai-lab-redis-data", "/data", "redis", True),
        ("chromadb-data", "sutazai-lab-chromadb-data", "/data", "pause", False),
    }


def test_the_gateway_is_held_first_and_then_every_replica_of_who_is_linked_to_a_database(
    catalogue: Catalogue,
) -> None:
    spec = declared(
        catalogue,
        *("postgres", "redis", "pgbouncer", "backend", "gateway", "chromadb", "redis-exporter"),
        overrides={"backend": {"replicas": 2}},
    )
    names = [name.removeprefix("sutazai-lab-") for name in writers(catalogue, spec, stores_of(catalogue, spec))]
    assert names[0] == "gateway"
    assert sorted(names[1:]) == ["backend", "backend-2", "pgbouncer", "redis-exporter"]


def test_for_files_alone_the_gateway_is_held(catalogue: Catalogue) -> None:
    spec = declared(catalogue, "postgres", "pgbouncer", "gateway", "chromadb")
    stores = chosen(stores_of(catalogue, spec), ["chromadb"])
    assert writers(catalogue, spec, stores) == ("sutazai-lab-gateway",)


def test_a_service_without_a_store_is_no_choice(catalogue: Catalogue) -> None:
    stores = stores_of(catalogue, declared(catalogue, "postgres", "redis", "gateway"))
    assert [one.volume for one in chosen(stores, ())] == [one.volume for one in stores]
    with pytest.raises(SutazaiError) as refusal:
        chosen(stores, ["gateway"])
    assert str(refusal.value) == (
        "gateway: has no store that snapshots hold; services that have one: postgres, redis"
    )


def test_what_was_found_is_told_beside_what_was_taken() -> None:
    taken = Facts(counts={"rows": 5, "gone": 1}, digests={"rows": "a"})
    found = Facts(counts={"rows": 4, "new": 2}, digests={"rows": "b"})
    assert differences(taken, taken) == []
    assert differences(taken, found) == [
        "gone: count none, taken was 1",
        "new: count 2, taken was none",
        "rows: count 4, taken was 5",
        "rows: checksum b, taken was a",
    ]


def test_a_plan_is_named_by_what_is_in_it(catalogue: Catalogue) -> None:
    def hashed(agents: int) -> str:
        settings = Settings.parsed("settings", {"host": HOST, "agents": agents})
        assert settings.host != "auto"
        return plan(catalogue, settings.host.host(), settings).fingerprint

    assert len(hashed(1)) == 12
    assert hashed(1) == hashed(1)
    assert hashed(1) != hashed(2)
