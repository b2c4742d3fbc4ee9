"""Live progress: on a terminal a few lines that redraw themselves, in a pipe one plain line for each event."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from sutazai_infra.operations.deploy.events import Step

__all__ = ["Phase", "Progress"]

_SHOWN = 12
_POLL_S = 1.0
_ALARMING = "unhealthy"
_PAST = {
    "create": "created",
    "update": "updated",
    "delete": "deleted",
    "replace": "replaced",
    "create-replacement": "created anew",
    "delete-replaced": "removed for its replacement",
}
_PRESENT = {
    "create": "creating",
    "update": "updating",
    "delete": "deleting",
    "create-replacement": "creating anew",
}

Watch = Callable[[], Mapping[str, str]]


@dataclass
class Phase:
    """One part of a command: what runs in it now, what is done, and what it came to."""

    title: str
    started: float
    say: Callable[[str], None]
    running: dict[str, tuple[str, float]] = field(default_factory=dict)
    states: Mapping[str, str] = field(default_factory=dict)
    doing: str = ""
    result: str = ""
    done: int = 0

    def step(self, step: Step) -> None:
        """Take a resource's step; a resource that is finished gets a line of its own in a pipe."""
        key = f"{step.kind} {step.name}"
        if step.state == "running":
            self.running[key] = (_PRESENT.get(step.operation, step.operation), time.monotonic())
            return
        _, since = self.running.pop(key, ("", time.monotonic()))
        self.done += 1
        past = "failed" if step.state == "failed" else _PAST.get(step.operation, step.operation)
        self.say(f"{past} {key} ({time.monotonic() - since:.1f} s)")

    def note(self, text: str) -> None:
        """Say what is going on now."""
        if text != self.doing:
            self.doing = text
            self.say(text)

    def saw(self, states: Mapping[str, str]) -> None:
        """Take the containers' states; who turns unhealthy is named at once, for the engine waits on for long."""
        for name, state in states.items():
            if state == _ALARMING and self.states.get(name) != state:
                self.say(f"{name} is {state}; still waiting for it")
        self.states = states


class Progress:
    """Shows phases, one after the other."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._fancy = console.is_terminal and not console.is_dumb_terminal
        self._unicode = console.encoding.startswith("utf")

    @contextmanager
    def phase(self, title: str, watch: Watch | None = None, *, quiet: bool = False) -> Iterator[Phase]:
        """Show a phase while it lasts, and leave one line of it; `watch` gives states of running containers.

        In a pipe, `quiet` leaves out the single events.
        """
        says = not self._fancy and not quiet
        phase = Phase(title, time.monotonic(), self._event if says else lambda _: None)
        view = Live(get_renderable=lambda: _view(phase), console=self.console, transient=True)
        with view if self._fancy else nullcontext(), _watching(phase, watch):
            yield phase
        self._leave(phase)

    def line(self, text: str, style: str = "") -> None:
        """Print a line between phases."""
        self.console.print(Text(text, style=style), soft_wrap=True)

    def _event(self, text: str) -> None:
        self.console.print(Text(f"    {text}"), soft_wrap=True)

    def _leave(self, phase: Phase) -> None:
        seconds = time.monotonic() - phase.started
        mark = Text("✓ " if self._unicode else "* ", style="green")
        rest = Text(f"{phase.title:<8} {phase.result} ")
        self.console.print(mark + rest + Text(f"({seconds:.1f} s)", style="dim"), soft_wrap=True)


@contextmanager
def _watching(phase: Phase, watch: Watch | None) -> Iterator[None]:
    if watch is None:
        yield
        return
    end = threading.Event()

    def poll() -> None:
        while not end.wait(_POLL_S):
            # A display never breaks what it shows; who needs the engine's answer asks again.
            with suppress(Exception):
                phase.saw(watch())

    thread = threading.Thread(target=poll, daemon=True)
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join()


def _view(phase: Phase) -> RenderableType:
    now = time.monotonic()
    done = f" {phase.done} done" if phase.done else ""
    head = Spinner("dots", text=Text(f"{phase.title}  {now - phase.started:.0f} s{done}  {phase.doing}"))
    running = list(phase.running.items())
    lines = [_row(key, verb, now - since, phase.states) for key, (verb, since) in running[:_SHOWN]]
    rest = [Text(f"  and {len(running) - _SHOWN} more", style="dim")] if len(running) > _SHOWN else []
    return Group(head, *lines, *rest)


def _row(key: str, verb: str, seconds: float, states: Mapping[str, str]) -> Text:
    state = states.get(key.rpartition(" ")[2], verb)
    return Text.assemble(f"  {key:<40} ", (f"{state:<12}", "cyan"), (f"{seconds:4.0f} s", "dim"))
