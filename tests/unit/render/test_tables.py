from __future__ import annotations

import io

from rich.console import Console

from sutazai_infra.model.plan import Plan
from sutazai_infra.render.tables import plan_tables
from tests.unit.render.plan_samples import sample_plan

WHOLE = """\
Stack lab on 4 cores and 8.00 GiB (declared); to give: cores 1-3, 6.88 GiB
6 containers, 1 slots, 1 services off

Core map
  core  group   borrowed by  pinned
  0     system
  1     web                  api, cache
  2     web     ml           cache
  3     agents  ml           4 agents

Pool web: tier 1, cores 1-2; weight 4000, 4.00 GiB
  service  cores      CPU  memory MiB  shares  QoS
  api      1      0.5 / 1   256 / 512     512  burstable
  cache    1-2    0.5 / 1   512 / 512     512  guaranteed

Pool agents: tier 2, cores 3; weight 400, 2.00 GiB
  service         cores          CPU  memory MiB  shares  QoS
  4 agents, each  3      0.006 / 0.5    48 / 256       6  burstable

Slots (started on demand)
  pool  cores  memory MiB  jobs and tools
  ml    2-3           512  trainer

Off
  service  reason
  graph    nobody asks it

Ledger
  scope    what               used / limit
  host     cpu requests    1.024 / 3 cores ###.......  34% held
           memory requests 0.94 / 6.88 GiB #.........  14% held
  pool web memory limits   1.00 / 0.98 GiB ########## 102% BROKEN
  probes   per second                2 / 3 #######...  67% held

Notes
  - core 3 is lent to ml
"""


def printed(plan: Plan, width: int = 80, *, every: bool = False) -> str:
    stream = io.StringIO()
    Console(file=stream, width=width, highlight=False).print(plan_tables(plan, "lab", every=every, plain=True))
    return "".join(f"{line.rstrip()}\n" for line in stream.getvalue().splitlines())


def test_the_whole_plan_fits_eighty_columns_of_plain_text() -> None:
    assert printed(sample_plan()) == WHOLE


def test_no_line_is_wider_than_the_terminal() -> None:
    assert max(len(line) for line in printed(sample_plan(), 60).splitlines()) <= 60


def test_every_agent_has_a_row_when_all_are_asked_for() -> None:
    text = printed(sample_plan(), every=True)
    assert [line.split()[0] for line in text.splitlines() if line.startswith("  agent-")] == [
        "agent-1", "agent-2", "agent-3", "agent-4",
    ]  # fmt: skip


def test_notes_of_single_ledger_lines_come_with_all() -> None:
    assert "- pool web memory limits: limits add up to 1024 MiB" in printed(sample_plan(), every=True)


def test_a_plan_without_slots_or_notes_has_no_such_sections() -> None:
    text = printed(sample_plan(services=[], notes=[], disabled=[]))
    assert [title for title in ("Slots", "Notes", "Off", "Pool") if f"\n{title}" in text] == []


def test_services_that_are_off_for_one_reason_are_counted() -> None:
    off = [{"name": f"agent-{n}", "reason": "only 8 agents"} for n in range(9, 13)]
    assert "  4: agent-9 ... agent-12  only 8 agents" in printed(sample_plan(disabled=off)).splitlines()


def test_foreign_containers_are_in_the_headline() -> None:
    host = {**sample_plan().host.model_dump(), "foreign": [{"name": "theirs", "memory_mib": 2048}]}
    text = printed(sample_plan(host=host))
    assert text.splitlines()[1] == ("6 containers, 1 slots, 1 services off; 1 containers of others take 2.00 GiB")


def test_borrowed_cores_are_marked() -> None:
    services = [{**sample_plan().services[0].model_dump(), "borrowed": True}]
    lines = printed(sample_plan(services=services)).splitlines()
    assert "  api                  1 *    0.5 / 1   256 / 512     512  burstable" in lines
    assert "  * on borrowed cores" in lines
