"""What a catalogue's parts may not say about each other, word for word; one problem a line."""

from __future__ import annotations

from typing import Any

import pytest

from sutazai_infra.model.catalogue import Catalogue, Image
from sutazai_infra.model.errors import ConfigError

SERVICE = {
    "pool": "main",
    "priority": "high",
    "image": "any",
    "requests": {"cpu": 0.5, "memory": "64Mi"},
    "limits": {"cpu": 1, "memory": "128Mi"},
    "ports": [{"container": 8080}],
    "probe": {"http": {"port": 8080}},
}
POOL = {
    "name": "main",
    "tier": 1,
    "scaling": "autoscaled",
    "memory": "2Gi",
    "weight": 100,
    "pids": 10,
    "groups": ["web"],
}


def _described(**changed: Any) -> dict[str, Any]:
    return {
        "tiers": [
            {
                "number": 1,
                "name": "only",
                "request_cpu": 2,
                "request_memory": "2Gi",
                "limit_cpu": 2,
                "limit_memory": "2Gi",
            }
        ],
        "groups": [{"name": "web"}],
        "pools": [POOL],
        "images": {"any": {"upstream": "any:1", "built": "any"}},
        "services": [{"name": "api", **SERVICE}],
        **changed,
    }


def _refusal(**changed: Any) -> str:
    with pytest.raises(ConfigError) as refused:
        Catalogue.parsed("sample", _described(**changed))
    return str(refused.value)


def test_what_is_declared_is_found_by_name() -> None:
    catalogue = Catalogue.parsed("sample", _described())
    assert catalogue.service("api").pool == "main"
    assert catalogue.pool("main").weight == 100
    assert catalogue.tier(1).name == "only"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"services": [{"name": "api", **SERVICE}] * 2}, "services/api: declared twice"),
        (
            {"services": [{"name": "api", **SERVICE, "isolated": True}]},
            "services/api/isolated: no link leads to or from it, so nothing would reach it",
        ),
        ({"groups": [{"name": "web"}] * 2}, "groups/web: declared twice"),
        ({"pools": [{**POOL, "tier": 2}]}, "pools/main/tier: there is no tier 2"),
        ({"pools": [{**POOL, "groups": ["llm"]}]}, "pools/main: there is no group 'llm'"),
        (
            {"pools": [{**POOL, "expands": [{"group": "llm", "share": 0.5}]}]},
            "pools/main: there is no group 'llm'",
        ),
        ({"pools": [{**POOL, "overflows_to": "ml"}]}, "pools/main: there is no pool 'ml'"),
        (
            {"services": [{"name": "api", **SERVICE, "pool": "other"}]},
            "services/api/pool: there is no pool 'other'",
        ),
        (
            {"services": [{"name": "api", **SERVICE, "group": "llm"}]},
            "services/api/group: pool main doesn't own group 'llm'",
        ),
        ({"services": [{"name": "api", **SERVICE, "image": "no"}]}, "services/api/image: there is no image 'no'"),
        (
            {"services": [{"name": "api", **SERVICE, "depends_on": ["db"]}]},
            "services/api/depends_on: there is no service 'db'",
        ),
        (
            {"services": [{"name": "api", **SERVICE, "tuned_by": "db"}]},
            "services/api/tuned_by: there is no service 'db'",
        ),
        (
            {"services": [{"name": "api", **SERVICE, "mounts": [{"volume": "v", "path": "/v"}]}]},
            "services/api/mounts: there is no volume 'v'",
        ),
        (
            {
                "services": [
                    {"name": "api", **SERVICE, "secrets": [{"path": "/run/secrets/p", "content": "${a-b}"}]}
                ]
            },
            "services/api/secrets: there is no secret 'a-b'",
        ),
        (
            {"images": {"any": {"upstream": "any:1", "built": "any", "probe_client": "none"}}},
            "services/api/probe: image any has no client to ask itself with; give a command",
        ),
        ({"links": [{"to": "db", "reason": "r"}]}, "links/db: there is no service 'db'"),
        ({"links": [{"to": "api", "from_pools": ["ml"], "reason": "r"}]}, "links/api: there is no pool 'ml'"),
    ],
)
def test_a_reference_that_does_not_hold_is_refused(changed: dict[str, Any], message: str) -> None:
    assert _refusal(**changed) == f"sample: {message}"


def test_a_volume_belongs_to_one_service_unless_it_is_shared_with_a_reason() -> None:
    services = [
        {"name": name, **SERVICE, "mounts": [{"volume": "data", "path": "/data"}]}
        for name in ("postgres", "letta")
    ]
    assert _refusal(services=services, volumes=[{"name": "data", "snapshot": "pause"}]) == (
        "sample: services/letta/mounts: volume data belongs to postgres; declare it shared, with a reason"
    )
    shared = [{"name": "data", "shared": "both read it", "snapshot": "pause"}]
    assert Catalogue.parsed("sample", _described(services=services, volumes=shared))


def test_a_residents_data_says_how_snapshots_take_it_or_why_they_dont() -> None:
    def stored(kind: str, **volume: Any) -> dict[str, Any]:
        mounts = [{"volume": "data", "path": "/data"}]
        return {"services": [{"name": "store", **SERVICE, "kind": kind, "mounts": mounts}], "volumes": [volume]}

    assert _refusal(**stored("service", name="data")) == (
        "sample: volumes/data/snapshot: say how it is taken (postgres, redis, pause), or in no_snapshot why it "
        "isn't"
    )
    for answer in ({"snapshot": "redis"}, {"no_snapshot": "made again"}, {"data": False}):
        assert Catalogue.parsed("sample", _described(**stored("service", name="data", **answer)))
    assert Catalogue.parsed("sample", _described(**stored("tool", name="data")))


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ({"snapshot": "pause", "no_snapshot": "why not"}, "no_snapshot: it is taken by pause; leave one out"),
        (
            {"snapshot": "pause", "data": False},
            "snapshot: it may be lost (data: false), so nothing is taken of it",
        ),
    ],
)
def test_a_volumes_answer_to_snapshots_is_one(answer: dict[str, Any], problem: str) -> None:
    assert _refusal(volumes=[{"name": "data", **answer}]) == f"sample: volumes/0: {problem}"


def test_in_a_pool_of_several_groups_a_service_says_which() -> None:
    groups = [{"name": "web"}, {"name": "data"}]
    assert _refusal(groups=groups, pools=[{**POOL, "groups": ["web", "data"]}]) == (
        "sample: services/api/group: pool main owns web, data; say which"
    )


def test_a_fixed_pool_outweighs_all_others_twice() -> None:
    borrower = {**POOL, "name": "ml", "groups": [], "borrows": [{"group": "web", "cores": 1}]}
    assert _refusal(pools=[{**POOL, "scaling": "fixed", "weight": 199}, borrower]) == (
        "sample: pools/main/weight: 199 is below twice the 100 of all other pools; raise it to 200"
    )


def test_a_pool_shares_the_memory_of_one_that_has_its_own() -> None:
    ml = {**POOL, "name": "ml", "shares_buffer_with": "main"}
    tools = {**POOL, "name": "tools", "shares_buffer_with": "ml"}

    assert _refusal(pools=[POOL, ml, tools]) == "sample: pools/tools/shares_buffer_with: ml has none of its own"


def test_a_pool_without_any_core_is_refused() -> None:
    assert _refusal(pools=[{**POOL, "groups": []}]) == (
        "sample: pools/0: groups: pool main neither owns nor borrows any core"
    )


@pytest.mark.parametrize("borrow", [{"group": "web"}, {"group": "web", "share": 0.5, "cores": 1}])
def test_a_borrow_has_one_measure(borrow: dict[str, Any]) -> None:
    assert (
        _refusal(pools=[{**POOL, "borrows": [borrow]}]) == "sample: pools/0/borrows/0: give either share or cores"
    )


def test_several_problems_are_several_lines() -> None:
    services = [{"name": "api", **SERVICE, "image": "no", "depends_on": ["db"]}]
    assert _refusal(services=services).splitlines() == [
        "sample: services/api/image: there is no image 'no'",
        "sample: services/api/depends_on: there is no service 'db'",
    ]


@pytest.mark.parametrize("upstream", ["postgres", "postgres:latest", "ghcr.io/postgres"])
def test_an_image_that_floats_is_refused(upstream: str) -> None:
    with pytest.raises(ConfigError) as refused:
        Image.parsed("sample", {"upstream": upstream, "built": "postgres"})
    assert str(refused.value) == f"sample: upstream: {upstream} isn't pinned; name a version or a digest"


@pytest.mark.parametrize(
    "upstream", ["postgres:16.15", f"postgres@sha256:{'0' * 64}", "ghcr.io/google/cadvisor:0.60.5"]
)
def test_an_image_with_a_version_or_digest_is_taken(upstream: str) -> None:
    assert Image.parsed("sample", {"upstream": upstream, "built": "postgres"}).upstream == upstream


def test_an_image_that_cannot_be_built_says_why() -> None:
    with pytest.raises(ConfigError) as refused:
        Image.parsed("sample", {"upstream": "grafana/grafana:13.2.0"})
    assert str(refused.value) == "sample: unbuilt_reason: say why there is no image to build"
