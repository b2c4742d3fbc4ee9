"""What all logs together may take of the disk: a line of the ledger, and a budget."""

from __future__ import annotations

from typing import Any

import pytest

from sutazai_infra.model.errors import PlanRefusedError
from sutazai_infra.model.plan import LedgerLine
from sutazai_infra.planning.planner import plan
from tests.unit.planning.planning_samples import catalogue, host, service, settings

QUIET: dict[str, Any] = {"logs": {"size": "1Mi", "files": 2}}
TALKATIVE: dict[str, Any] = {"logs": {"size": "100Mi", "files": 4}}
FILES: dict[str, Any] = {"configs": {"/run/configs/file": "plan-facts"}}


def log_disk(*services: dict[str, Any], **given: Any) -> LedgerLine:
    planned = plan(catalogue(list(services)), host(4), settings(**given))
    return next(line for line in planned.ledger if line.dimension == "log disk")


def test_each_replica_counts_with_its_log_at_its_longest() -> None:
    line = log_disk(service("usual"), service("quiet", **QUIET), overrides={"quiet": {"replicas": 3}})
    assert (line.scope, line.unit, line.used, line.limit, line.held) == ("host", "MiB", 30 + 3 * 2, 8192, True)
    assert line.note == "size x files of 4 containers"


def test_what_carries_a_pools_files_counts_once_a_pool() -> None:
    line = log_disk(service("one", **FILES), service("two", **FILES), service("three", pool="agents", **FILES))
    assert (line.used, line.note) == (3 * 30 + 2 * 1, "size x files of 5 containers")


def test_a_slot_that_nobody_started_keeps_no_log() -> None:
    job = service("train", pool="ml", kind="job", probe=None, **TALKATIVE)
    assert log_disk(service("usual"), job).used == 30


def test_more_than_the_stack_allows_is_refused_with_who_takes_most() -> None:
    with pytest.raises(PlanRefusedError) as refused:
        log_disk(service("usual"), service("talkative", **TALKATIVE), log_disk="400Mi")
    assert str(refused.value) == (
        "host keeps 430 MiB of 400 MiB of logs (talkative 400, usual 30): "
        "lower a service's logs, or raise log_disk"
    )
