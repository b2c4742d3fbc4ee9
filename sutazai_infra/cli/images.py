"""`sutazai images build`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sutazai_infra.cli.project import engine_client, open_project, screen

if TYPE_CHECKING:
    from sutazai_infra.cli.progress import Phase
    from sutazai_infra.operations.images import Progress as Teller

__all__ = ["images", "telling"]

images = typer.Typer(help="The images of the dev stack, built on this machine.", no_args_is_help=True)


@images.callback()
def _group() -> None:
    """Keep `build` a command of its own: a group of one command would swallow its name."""


@images.command()
def build(
    names: Annotated[list[str] | None, typer.Argument(help="Names below images/.", show_default="all")] = None,
) -> None:
    """Build images that the engine lacks, and what they stand on."""
    from sutazai_infra.cli.progress import Progress
    from sutazai_infra.operations.images import build_images

    project, progress, client = open_project(None), Progress(screen()), engine_client()
    try:
        with progress.phase("images") as phase:
            results = build_images(names or None, project.folder / "images", client, telling(phase))
            built = sum(result.built for result in results)
            phase.result = f"{built} built, {len(results) - built} there already"
    finally:
        client.close()
    for result in results:
        progress.line(f"  {result.name:<14} {result.ref}")


def telling(phase: Phase) -> Teller:
    """Show a build's news in a phase; images that are there already are no news."""
    from sutazai_infra.operations.images import ProgressEvent

    def tell(event: ProgressEvent) -> None:
        if event.kind != "cached":
            phase.note(f"{event.image}: {event.kind} {event.text}".rstrip())

    return tell
