"""A smoke test's outcome, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import ConsoleRenderable, Group
from rich.table import Table
from rich.text import Text

from sutazai_infra.operations.smoke.verdict import Disturbance, Latency, SmokeReport

__all__ = ["smoke_table"]


def smoke_table(report: SmokeReport) -> ConsoleRenderable:
    """Lay out the verdict, the figures, and who was killed."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for name, value in _figures(report):
        table.add_row(name, value)
    return Group(_verdict(report), table, *(_disturbance(one) for one in report.disturbances))


def _verdict(report: SmokeReport) -> Text:
    rate = f"{100 * report.completion_rate:.1f} %"
    text = f"{report.done} of {report.posted} tasks done ({rate}): "
    flaws = {
        "lost": report.lost,
        "failed": report.failed,
        "refused": report.refused,
        "twice in the record": report.twice,
        "with a wrong result": report.wrong,
    }
    found = ", ".join(f"{count} {name}" for name, count in flaws.items() if count)
    if report.good:
        return Text(text + "none lost, none twice, every result right", style="green")
    return Text(text + (found or "something that was killed isn't healthy again"), style="bold red")


def _figures(report: SmokeReport) -> Iterator[tuple[str, str]]:
    yield "from acceptance to end", _latency(report.task_seconds)
    yield "answers to posts", _latency(report.post_seconds)
    if report.tasks_per_second is not None:
        yield "tasks per second", f"{report.tasks_per_second:.1f}, in {report.seconds} s"
    yield "handed out again", str(report.redelivered)
    yield "posts sent again", f"{report.sent_again} (nobody answered), {report.queue_full} (queue full)"
    yield "protocol", ", ".join(report.protocols)


def _latency(times: Latency) -> str:
    if times.p50 is None:
        return "-"
    return f"p50 {times.p50:.3f} s, p95 {times.p95:.3f} s, p99 {times.p99:.3f} s, longest {times.longest:.3f} s"


def _disturbance(one: Disturbance) -> Text:
    after = one.healthy_after_seconds
    outcome = f"healthy again after {after} s" if after is not None else "not healthy again"
    return Text(
        f"killed {one.container} at {one.at_seconds} s: {outcome}, restarts {one.restarts}",
        style="" if after is not None else "bold red",
    )
