"""`sutazai top`: cores, budgets, services and work, again and again."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from sutazai_infra.cli.project import Project, StackOption, engine_client, open_project, screen
from sutazai_infra.operations.top.order import Order

if TYPE_CHECKING:
    import docker
    from rich.console import Console

    from sutazai_infra.operations.top.frame import Frame
    from sutazai_infra.operations.top.watching import Watch

__all__ = ["top"]


def top(  # noqa: PLR0917  as the command line has them
    stack: StackOption = None,
    once: Annotated[bool, typer.Option("--once", help="One look, as in a pipe.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One look, for programs.")] = False,
    sort: Annotated[Order, typer.Option(help="What services are ordered by, the most first.")] = Order.CPU,
    interval: Annotated[float, typer.Option(min=0.5, help="Seconds from look to look.")] = 2.0,
    prometheus: Annotated[
        str | None, typer.Option(help="Its address.", show_default="through what the stack publishes")
    ] = None,
) -> None:
    """Show live what every core, pool, tier and service uses of its budget, and what the stack gets done."""
    project, console = open_project(stack), screen()
    client = engine_client()
    try:
        watch = _watch(project, client, prometheus)
        watch.prime()
        if as_json:
            typer.echo(watch.frame().model_dump_json(indent=2))
        elif once or not sys.stdout.isatty():
            _print(console, watch.frame(), sort)
        else:
            _live(console, watch.frame, sort, interval)
        watch.close()
    finally:
        client.close()


def _watch(project: Project, client: docker.DockerClient, url: str | None) -> Watch:
    from sutazai_infra.operations.prometheus import prometheus_of
    from sutazai_infra.operations.top.sampling import Sampler, local_cores
    from sutazai_infra.operations.top.watching import Watch

    plan = project.deployed_plan()
    sampler = Sampler(client, project.stack, plan, local_cores)
    return Watch(plan, sampler, lambda: prometheus_of(project.folder, project.stack, url))


def _print(console: Console, found: Frame, order: Order) -> None:
    from sutazai_infra.cli.top_tables import top_tables

    console.print(top_tables(found, order, plain=not console.encoding.startswith("utf")))


def _live(console: Console, look: Callable[[], Frame], order: Order, interval: float) -> None:
    """Draw until Ctrl-C, which is how it is meant to end."""
    from rich.live import Live

    from sutazai_infra.cli.top_tables import fitted

    try:
        with Live(console=console, auto_refresh=False, screen=True) as view:
            while True:
                started = time.monotonic()
                view.update(fitted(look(), order, console), refresh=True)
                time.sleep(max(0.0, interval - (time.monotonic() - started)))
    except KeyboardInterrupt:
        return
