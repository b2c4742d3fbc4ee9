from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sutazai_policy.core_set import core_numbers, core_set_text, parse_core_set
from sutazai_policy.units import CORE, MIB, NANO_CPU, SHARE, cores_text, mib_text


@pytest.mark.parametrize(
    ("text", "cores"),
    [("0", [0]), ("0-1", [0, 1]), ("2-3,6", [2, 3, 6]), ("7,1", [1, 7]), ("3,3", [3])],
)
def test_a_core_set_is_read_as_docker_writes_it(text: str, cores: list[int]) -> None:
    assert core_numbers(parse_core_set(text)) == cores


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("5-2", "no core set (5-2 runs backwards)"),
        ("a", "no core set"),
        ("1-2-3", "no core set"),
        ("1,,2", "no core set"),
        (" 1", "no core set"),
        ("-1", "no core set"),
        ("1_0", "no core set"),
        ("٣", "no core set"),
        ("0-4294967295", "no core set (Linux has no core 4294967295)"),
        ("1" * 400, "no core set"),
    ],
)
def test_a_bad_core_set_is_refused_with_its_reason(text: str, problem: str) -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011  the whole text is compared
        parse_core_set(text)

    assert str(error.value) == problem


@given(st.sets(st.integers(0, 300), min_size=1))
def test_a_core_set_is_written_as_it_is_read(cores: set[int]) -> None:
    mask = sum(1 << core for core in cores)

    assert parse_core_set(core_set_text(mask)) == mask


def test_shares_and_nano_cpus_are_whole_units() -> None:
    assert SHARE * 1024 == CORE
    assert NANO_CPU * 10**9 == CORE


def test_a_need_is_rounded_up_and_a_limit_down() -> None:
    assert mib_text(5120 * MIB + 1) == "5120.01"
    assert mib_text(5120 * MIB + 1, limit=True) == "5120"
    assert cores_text(6 * CORE + SHARE) == "6.001"
    assert cores_text(6 * CORE + SHARE, limit=True) == "6"
