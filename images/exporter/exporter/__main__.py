"""Run the exporter until SIGTERM."""

from __future__ import annotations

import logging
import os
import sys

from exporter.collector import StackCollector
from exporter.engine import Engine
from exporter.events import OomFollower, OomTally
from exporter.plan import read_plan
from exporter.server import serve
from exporter.settings import Settings, SettingsError


def main() -> None:
    """Read settings and plan, then serve."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    settings = Settings.parse(os.environ)
    plan = read_plan(settings.plan)
    engine = Engine(settings.engine_url, settings.timeout_s, settings.workers)
    tally = OomTally()
    OomFollower(engine, tally, settings.stack).start()
    collector = StackCollector(engine, plan, settings.stack, tally, settings.workers, snapshots=settings.snapshots)
    serve(collector, plan, settings.port)


if __name__ == "__main__":
    try:
        main()
    except (SettingsError, OSError) as error:
        sys.exit(f"exporter: {error}")
