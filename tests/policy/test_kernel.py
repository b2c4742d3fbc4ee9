"""Parent cgroups are believed as far as the kernel, where it can be asked, says the same."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sutazai_policy import survey
from sutazai_policy.judge import Judge, Surroundings
from sutazai_policy.kernel import cgroup_memory
from sutazai_policy.rule import Rule
from sutazai_policy.rules.host_budget import RULE as HOST_BUDGET
from sutazai_policy.rules.pool_cgroup import RULE as POOL_CGROUP

from tests.policy.engine_double import MIB, EngineDouble, served
from tests.policy.stacks import TODAY, Stack, container

_PARENT = "/sutazai/prod/ml"
_LACKING = (
    "job has the cgroupParent /sutazai/prod/ml, which this host lacks, or limits to more memory than pool_cgroups"
    " says: run `sutazai host prepare`"
)


def _written(folder: Path, text: str) -> None:
    folder.mkdir(parents=True)
    name = "memory.limit_in_bytes" if "memory" in folder.parts else "memory.max"
    (folder / name).write_text(f"{text}\n")


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("1048576", 1048576),
        ("0", 0),
        ("max", None),
        ("9223372036854771712", None),
        (str(2**62), None),
        (str(2**62 - 1), 2**62 - 1),
        ("", None),
        ("-1", None),
    ],
)
def test_a_limit_is_read_on_both_versions(text: str, limit: int | None, tmp_path: Path) -> None:
    _written(tmp_path / "v1/memory/sutazai/prod/ml", text)
    _written(tmp_path / "v2/sutazai/prod/ml", text)
    (tmp_path / "v2/cgroup.controllers").touch()

    assert cgroup_memory(_PARENT, tmp_path / "v1") == limit
    assert cgroup_memory(_PARENT, tmp_path / "v2") == limit


def test_a_slice_lies_in_the_slices_that_its_name_begins_with(tmp_path: Path) -> None:
    (tmp_path / "cgroup.controllers").touch()
    _written(tmp_path / "sutazai.slice/sutazai-prod.slice/sutazai-prod-ml.slice", "4096")

    assert cgroup_memory("sutazai-prod-ml.slice", tmp_path) == 4096
    assert cgroup_memory("sutazai-prod.slice", tmp_path) is None


def test_what_is_not_there_or_can_not_be_read_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "memory/sutazai").mkdir(parents=True)
    (tmp_path / "memory/sutazai/memory.limit_in_bytes").write_bytes(b"\xff\xfe")

    assert cgroup_memory("/none", tmp_path) is None
    assert cgroup_memory("/sutazai", tmp_path) is None


@pytest.fixture
def engine() -> EngineDouble:
    """Return the reference host, which is this machine."""
    found = EngineDouble(cores=12, memory_mib=30085)
    found.info["Name"] = socket.gethostname()
    return found


@pytest.fixture
def environ(engine: EngineDouble, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Serve the engine on a Unix socket."""
    with served(engine, tmp_path / "docker.sock") as found:
        yield found


def _kernel(monkeypatch: pytest.MonkeyPatch, memory_mib: int | None) -> None:
    found = None if memory_mib is None else memory_mib * MIB
    monkeypatch.setattr(survey, "cgroup_memory", lambda parent: found if parent == _PARENT else None)


def _messages(rule: Rule[Any], environ: dict[str, str], limit: int = 4096, **settings: Any) -> list[str]:
    job = container("8-11", 512, 64, limit, "3", cgroupParent=_PARENT)
    surroundings = Surroundings(stacks_file=None, environ=environ, today=TODAY)
    judge = Judge(
        Stack().add("job", job).resources(), [rule], {rule.name: {"host": "auto", **settings}}, surroundings
    )
    return [found.message for found in judge.violations(rule)]


@pytest.mark.parametrize("memory", [5120, 100, 5171])
def test_a_cgroup_with_the_limit_that_is_said_is_trusted(
    memory: int, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _kernel(monkeypatch, memory)

    assert _messages(POOL_CGROUP, environ) == []
    assert _messages(HOST_BUDGET, environ, limit=30000) == []


@pytest.mark.parametrize("memory", [None, 5172, 30000])
def test_a_cgroup_that_is_not_there_or_is_larger_holds_nothing(
    memory: int | None, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _kernel(monkeypatch, memory)

    assert _messages(POOL_CGROUP, environ) == [_LACKING]
    (found,) = _messages(HOST_BUDGET, environ, limit=30000)
    assert found.startswith("the stack may take 30000 MiB of 27648 MiB usable memory (job 30000);")


def test_a_host_that_is_declared_or_elsewhere_is_believed(
    engine: EngineDouble, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _kernel(monkeypatch, None)
    assert _messages(POOL_CGROUP, environ, host="reference") == []

    engine.info["Name"] = "another-machine"
    assert _messages(POOL_CGROUP, environ) == []


def test_an_engine_that_is_asked_over_the_network_is_elsewhere_whatever_its_name(
    engine: EngineDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    _kernel(monkeypatch, None)

    with served(engine) as environ:
        assert _messages(POOL_CGROUP, environ) == []


@pytest.mark.parametrize(("used", "cached", "counted"), [(300, 100, "200"), (50, 80, None), (0, 0, None)])
def test_a_foreign_container_without_limits_counts_with_what_it_uses(
    used: int, cached: int, counted: str | None, engine: EngineDouble, environ: dict[str, str]
) -> None:
    engine.run("foreign", used=used, cached=cached)

    (found,) = _messages(HOST_BUDGET, environ, limit=30086, pool_cgroups={"ml": None})

    assert (f"beside {counted} MiB of others (foreign {counted})" in found) is bool(counted)


def test_what_a_container_has_reserved_counts_before_what_it_uses(
    engine: EngineDouble, environ: dict[str, str]
) -> None:
    engine.run("reserving", reservation=64, memory=128, used=999)
    engine.run("limited", memory=32, used=999)

    (found,) = _messages(HOST_BUDGET, environ, limit=30086, pool_cgroups={"ml": None})

    assert "beside 96 MiB of others (reserving 64, limited 32)" in found


def test_a_container_that_ends_while_it_is_asked_about_uses_nothing(
    engine: EngineDouble, environ: dict[str, str]
) -> None:
    engine.run("brief", used=500)
    del engine.answers["/containers/id-of-brief/stats?stream=false&one-shot=true"]

    (found,) = _messages(HOST_BUDGET, environ, limit=30086, pool_cgroups={"ml": None})

    assert "beside" not in found
