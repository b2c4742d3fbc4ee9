"""What a backend counts and times while it runs; each replica its own share."""

from __future__ import annotations

from collections.abc import Sequence

from workload.metrics import Counted, Histogram

__all__ = ["Instruments"]

_REQUEST_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_TASK_BOUNDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600)


class Instruments:
    """Counters and histograms of one process."""

    def __init__(self) -> None:
        self.tasks = Counted(
            "sutazai_tasks_total",
            "Tasks that were submitted, ended (done, failed), or were taken back and queued again.",
            "status",
            ("submitted", "done", "failed", "requeued"),
        )
        self.wait = Histogram(
            "sutazai_task_wait_seconds", "From a task's submission to its first hand-out.", _TASK_BOUNDS
        )
        self.duration = Histogram(
            "sutazai_task_duration_seconds", "From a task's last hand-out to its end, by status.", _TASK_BOUNDS
        )
        self.requests = Histogram(
            "sutazai_http_request_duration_seconds", "Answers, by method, route and status.", _REQUEST_BOUNDS
        )

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Note an answer to a request."""
        self.requests.observe(seconds, method=method, path=route, status=str(status))

    def all(self) -> Sequence[Counted | Histogram]:
        """List them."""
        return (self.tasks, self.wait, self.duration, self.requests)
