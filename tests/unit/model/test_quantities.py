"""Quantities as people write them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutazai_infra.model.quantities import format_cores, format_memory, parse_cpu, parse_memory, parse_seconds


@pytest.mark.parametrize(
    ("written", "millicores"),
    [
        (2, 2000),
        (0.5, 500),
        ("0.5", 500),
        ("500m", 500),
        (0.006, 6),
        (" 1.5 ", 1500),
        (0, 0),
        (0.0009, 0),
        (1e-5, 0),
    ],
)
def test_cpu_is_read_in_cores_or_millicores_and_floored(written: object, millicores: int) -> None:
    assert parse_cpu(written) == millicores


@pytest.mark.parametrize(
    ("written", "mib"),
    [
        ("512Mi", 512),
        ("2Gi", 2048),
        ("29.38Gi", 30085),
        ("1Ti", 1048576),
        ("2048Ki", 2),
        ("1000Ki", 0),
        ("0Mi", 0),
    ],
)
def test_memory_is_read_with_its_unit_and_floored(written: object, mib: int) -> None:
    assert parse_memory(written) == mib


@pytest.mark.parametrize(
    ("written", "seconds"), [(30, 30), ("30", 30), ("30s", 30), ("5m", 300), ("1h", 3600), ("0.5m", 30)]
)
def test_durations_are_read_in_seconds_minutes_or_hours(written: object, seconds: int) -> None:
    assert parse_seconds(written) == seconds


@pytest.mark.parametrize(
    ("parse", "written", "message"),
    [
        (parse_cpu, "two", "'two' is no number of cores: write it as in 1.5 or 1500m"),
        (parse_cpu, True, "True is no number of cores: write it as in 1.5 or 1500m"),
        (parse_cpu, None, "None is no number of cores: write it as in 1.5 or 1500m"),
        (parse_cpu, "", "'' is no number of cores: write it as in 1.5 or 1500m"),
        (parse_cpu, "1,5", "'1,5' is no number of cores: write it as in 1.5 or 1500m"),
        (parse_cpu, -1, "-1 is negative: number of cores must be zero or more"),
        (parse_cpu, float("inf"), "inf is no number of cores: write it as in 1.5 or 1500m"),
        (parse_cpu, float("nan"), "nan is no number of cores: write it as in 1.5 or 1500m"),
        (parse_cpu, 1e30, "1e+30 is no number of cores: write it as in 1.5 or 1500m"),
        (parse_cpu, 10**12, "1000000000000 is beyond any host: write it as in 1.5 or 1500m"),
        (parse_memory, 512, "512 is no memory: write it with a unit, as in 512Mi or 1.5Gi"),
        (parse_memory, "512", "'512' is no memory: write it with a unit, as in 512Mi or 1.5Gi"),
        (parse_memory, "2GB", "'2GB' is no memory: write it with a unit, as in 512Mi or 1.5Gi"),
        (parse_memory, "2gi", "'2gi' is no memory: write it with a unit, as in 512Mi or 1.5Gi"),
        (parse_memory, "Gi", "'Gi' is no memory: write it as in 512Mi or 1.5Gi"),
        (parse_memory, "-1Gi", "'-1Gi' is negative: memory must be zero or more"),
        (parse_memory, "9999999Ti", "'9999999Ti' is beyond any host: write it as in 512Mi or 1.5Gi"),
        (parse_memory, "1e9999999Gi", "'1e9999999Gi' is no memory: write it as in 512Mi or 1.5Gi"),
        (parse_cpu, "1e99999999", "'1e99999999' is no number of cores: write it as in 1.5 or 1500m"),
        (
            parse_cpu,
            "1e99999999999999999999",
            "'1e99999999999999999999' is no number of cores: write it as in 1.5 or 1500m",
        ),
        (parse_memory, "1e99999Ki", "'1e99999Ki' is beyond any host: write it as in 512Mi or 1.5Gi"),
        (parse_seconds, "soon", "'soon' is no duration: write it as in 30s or 5m"),
        (parse_seconds, "5d", "'5d' is no duration: write it as in 30s or 5m"),
        (parse_seconds, "-5s", "'-5s' is negative: duration must be zero or more"),
    ],
)
def test_anything_else_is_refused_with_an_example(
    parse: Callable[[object], int], written: object, message: str
) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 (the whole message is compared)
        parse(written)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("millicores", "text"), [(0, "0"), (6, "0.006"), (500, "0.5"), (1000, "1"), (1500, "1.5"), (10000, "10")]
)
def test_cores_are_written_as_short_as_exact(millicores: int, text: str) -> None:
    assert format_cores(millicores) == text


@pytest.mark.parametrize(("mib", "text"), [(0, "0 MiB"), (512, "512 MiB"), (2048, "2 GiB"), (5000, "5000 MiB")])
def test_memory_is_written_in_whole_gib_where_it_is_whole(mib: int, text: str) -> None:
    assert format_memory(mib) == text


@given(st.integers(0, 10**9))
def test_what_is_written_is_read_back(amount: int) -> None:
    assert parse_cpu(format_cores(amount)) == amount
    assert parse_cpu(f"{amount}m") == amount
    assert parse_memory(f"{amount}Mi") == amount
    assert parse_seconds(f"{amount}s") == amount
