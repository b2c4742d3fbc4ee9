from __future__ import annotations

import pytest

from sutazai_infra.operations.hosts import HostError, prepare, shim_overhead
from sutazai_infra.operations.hosts.cgroupfs import reclaimed
from sutazai_infra.operations.hosts.effects import carry_out
from tests.unit.operations.hosts.kernel_double import MIB, KernelDouble, pool


def test_use_that_reclaiming_leaves_above_a_new_limit_is_refused_and_the_brake_lifted(v2: KernelDouble) -> None:
    prepare(v2.layout, [pool()], kernel=v2)
    v2.use_memory("/sutazai/dev/ml", 600)
    with pytest.raises(HostError) as refused:
        carry_out(reclaimed(v2.directory("memory", "/sutazai/dev/ml"), 512 * MIB), v2)
    assert str(refused.value) == (
        "ml: still uses 600 MiB of its new limit of 512 MiB after reclaiming; nothing was changed: "
        "stop one of its containers first, or give the pool more"
    )
    assert v2.value("memory", "/sutazai/dev/ml", "memory.high") == "max"
    assert v2.killed == []


@pytest.mark.parametrize(
    ("containers", "message"),
    [
        ([], "host: no container given to measure: start some, and give their full ids"),
        (
            ["0" * 64],
            "host: found no shim of 000000000000: start it, and measure on the engine's own host",
        ),
    ],
    ids=["none", "not running"],
)
def test_overhead_of_what_does_not_run_is_refused(containers: list[str], message: str) -> None:
    with pytest.raises(HostError) as refused:
        shim_overhead(containers)
    assert str(refused.value) == message
