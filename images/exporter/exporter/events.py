"""OOM kills, counted from the engine's events: no counter of a container says how many there were.

Counted since the exporter's start. What was missed while the engine was away comes later, as far as it remembers.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Collection

from exporter.engine import ENGINE_ERRORS, Engine

__all__ = ["OomFollower", "OomTally"]

_LOG = logging.getLogger("exporter.events")
_PAUSE_S = 5.0


class OomTally:
    """OOM kills by container."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kills: Counter[str] = Counter()

    def add(self, container: str) -> None:
        """Count one more."""
        with self._lock:
            self._kills[container] += 1

    def seen(self, container: str, *, killed: bool) -> int:
        """Return the number: at least one where the engine's state tells of a kill, and no event did."""
        with self._lock:
            if killed and not self._kills[container]:
                self._kills[container] = 1
            return self._kills[container]

    def keep(self, containers: Collection[str]) -> None:
        """Forget all but these."""
        with self._lock:
            for gone in set(self._kills) - set(containers):
                del self._kills[gone]


class OomFollower:
    """Reads events in the background, again and again."""

    def __init__(self, engine: Engine, tally: OomTally, stack: str) -> None:
        self._engine = engine
        self._tally = tally
        self._stack = stack
        self._since_ns = time.time_ns()

    def start(self) -> None:
        """Follow until the process ends."""
        threading.Thread(target=self._forever, name="oom-events", daemon=True).start()

    def follow(self) -> None:
        """Read one stream to its end; raises one of `ENGINE_ERRORS`."""
        # `since` includes its moment, and what was counted must not be again.
        for event in self._engine.oom_events(self._stack, self._since_ns + 1):
            self._tally.add(event["Actor"]["ID"])
            self._since_ns = max(self._since_ns, int(event["timeNano"]))

    def _forever(self) -> None:
        while True:
            try:
                self.follow()
            except ENGINE_ERRORS as error:
                _LOG.warning("events: %s; again in %.0f s", error, _PAUSE_S)
                time.sleep(_PAUSE_S)
            else:
                # An idle stream ends at the proxy.
                time.sleep(1)
