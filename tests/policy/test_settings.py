"""Settings come from several places and are merged key by key; what can't be used is told by its path."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import Field, ValidationError
from sutazai_policy.settings import (
    CgroupSettings,
    HostField,
    OvercommitField,
    PoolCgroupsField,
    PoolsField,
    Settings,
    SettingsError,
    TiersField,
    merge,
    resolve,
)


class _All(Settings):
    """Every field that rules share, and one of its own."""

    host: HostField
    tiers: TiersField
    pools: PoolsField
    pool_cgroups: PoolCgroupsField
    overcommit: OvercommitField = 1.0
    names: Annotated[list[str], Field(default_factory=list, description="Names. Default: none.")]


def _problem(**given: Any) -> str:
    with pytest.raises(SettingsError) as error:
        resolve(_All, given)
    return str(error.value)


def test_without_any_settings_the_reference_host_is_meant() -> None:
    found = resolve(_All)

    assert (found.host.cores, found.host.memory_mib, found.host.measured) == (12, 30085, False)
    assert (found.tiers, found.pools, found.pool_cgroups, found.overcommit) == ({}, {}, {}, 1.0)


@pytest.mark.parametrize(
    ("layers", "merged"),
    [
        ([], {}),
        ([{"a": 1}, {"b": 2}], {"a": 1, "b": 2}),
        ([{"a": 1}, {"a": 2}], {"a": 2}),
        ([{"a": {"b": 1, "c": 2}}, {"a": {"c": 3}}], {"a": {"b": 1, "c": 3}}),
        ([{"a": {"b": {"c": 1}}}, {"a": {"b": {"d": 2}}}], {"a": {"b": {"c": 1, "d": 2}}}),
        ([{"a": [1, 2]}, {"a": [3]}], {"a": [3]}),
        ([{"a": {"b": 1}}, {"a": 2}], {"a": 2}),
        ([{"a": 1}, {"a": {"b": 2}}], {"a": {"b": 2}}),
        ([{"a": {"b": 1}}, {"a": None}], {"a": None}),
        ([{3: {1: "x"}}, {"3": {"2": "y"}}], {"3": {"1": "x", "2": "y"}}),
        ([{"a": 5.0, "b": [1.0, 1.5, {"c": 2.0}]}], {"a": 5, "b": [1, 1.5, {"c": 2}]}),
    ],
)
def test_later_settings_win_key_by_key_and_lists_are_replaced(
    layers: list[dict[Any, Any]], merged: dict[str, Any]
) -> None:
    assert merge(*layers) == merged


def test_no_layer_is_changed_by_merging() -> None:
    weak, strong = {"a": {"b": 1}}, {"a": {"c": 2}}
    merge(weak, strong)

    assert (weak, strong) == ({"a": {"b": 1}}, {"a": {"c": 2}})


def test_a_hosts_name_stands_for_its_sizes_so_that_one_can_be_changed() -> None:
    assert resolve(_All, {"host": "auto"}).host.measured
    assert resolve(_All, {"host": "auto"}, {"host": "reference"}).host == resolve(_All).host
    one = resolve(_All, {"host": "auto"}, {"host": {"cores": 4}}).host
    assert (one.cores, one.memory_mib, one.measured) == (4, "auto", True)
    two = resolve(_All, {"host": {"reserved_cores": 1}}, {"host": "auto"}).host
    assert (two.cores, two.reserved_cores) == ("auto", 1)


def test_a_cgroup_may_be_given_by_its_memory_alone() -> None:
    found = resolve(_All, {"pool_cgroups": {"agents": 4096, "ml": None, "x": {"memory": 5, "within": "ml"}}})

    assert found.pool_cgroups == {
        "agents": CgroupSettings(memory=4096),
        "ml": None,
        "x": CgroupSettings(memory=5, within="ml"),
    }


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"host": "moon"}, 'host: "moon" is no host: give auto, reference, or cores and memory_mib'),
        ({"host": {"cores": 0}}, "host.cores: input should be greater than or equal to 1"),
        ({"host": {"core": 4}}, "host.core: extra inputs are not permitted"),
        ({"host": {"memory_mib": "lots"}}, "host.memory_mib: input should be a valid integer"),
        ({"tiers": {3: {"memory": "lots"}}}, "tiers.3.memory: input should be a valid integer"),
        ({"tiers": {"3": {"core_set": "9-8"}}}, "tiers.3.core_set: no core set (9-8 runs backwards)"),
        ({"tiers": {"3": {"core_set": 8}}}, "tiers.3.core_set: give cores as a text such as 8-11"),
        ({"tiers": {"3": {"cpu": -1}}}, "tiers.3.cpu: input should be greater than or equal to 0"),
        ({"tiers": {"3": {"cpu": float("nan")}}}, "tiers.3.cpu: input should be"),
        ({"pools": {"ml": {"containers": 10**7}}}, "pools.ml.containers: input should be less than or equal to"),
        ({"pool_cgroups": {"ml": "8Gi"}}, "pool_cgroups.ml: input should be"),
        ({"pool_cgroups": {"ml": -1}}, "pool_cgroups.ml.memory: input should be greater than or equal to 0"),
        ({"overcommit": 0.5}, "overcommit: input should be greater than or equal to 1"),
        ({"overcommit": float("inf")}, "overcommit: input should be"),
        ({"names": "a"}, "names: input should be a valid array"),
        ({"names": ["a", 5]}, "names.1: input should be a valid string"),
    ],
)
def test_a_setting_that_can_not_be_used_is_told_by_its_path(given: dict[str, Any], problem: str) -> None:
    assert _problem(**given).startswith(problem)


@pytest.mark.parametrize("value", [True, "1", "2.5"])
def test_what_is_no_number_is_not_taken_for_one(value: object) -> None:
    assert _problem(overcommit=value) == "overcommit: input should be a valid number"
    assert _problem(tiers={"1": {"memory": value}}).startswith("tiers.1.memory: input should be a valid integer")


def test_a_whole_number_is_one_however_it_is_sent() -> None:
    assert resolve(_All, {"tiers": {"1": {"memory": 5120.0, "cpu": 2}}, "overcommit": 2}).tiers["1"].memory == 5120


def test_a_setting_that_the_rule_lacks_is_told_with_those_that_it_has() -> None:
    assert _problem(hots="auto") == (
        "hots: the rule has no such setting, but host, tiers, pools, pool_cgroups, overcommit, names"
    )


def test_all_problems_are_told_at_once() -> None:
    assert _problem(host="moon", names=5) == (
        'host: "moon" is no host: give auto, reference, or cores and memory_mib;'
        " names: input should be a valid array"
    )


def test_settings_do_not_change() -> None:
    found = resolve(_All)

    with pytest.raises(ValidationError, match="frozen"):
        found.overcommit = 2.0  # type: ignore[misc]
    assert hash(found.host) == hash(resolve(_All).host)
