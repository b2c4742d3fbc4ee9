"""Count restarts under one dead dependency: `python -m tests.benchmarks.bench_restart_storm [agents] [seconds]`.

Both ways meet the same outage on the same engine, one after the other, with heartbeats every 30 s. The real
system's agents also run `pip install` at every start; it is left out here, which makes a restart quicker, and so
restarts more frequent and recovery faster, than theirs.
"""

from __future__ import annotations

import sys

import docker

from tests.integration.storm_lab import Storm, StormLab, Way

_WAYS: tuple[Way, ...] = ("real", "ours")


def main(agents: int = 60, outage_s: int = 120) -> None:
    """Measure both ways and print them side by side."""
    found: dict[Way, Storm] = {}
    for way in _WAYS:
        client = docker.from_env(timeout=300)
        with StormLab.opened(client, way, agents) as lab:
            storm = found[way] = lab.outage(outage_s)
            print(
                f"{way}: {storm.starts} starts of {agents} agents in {outage_s} s;"
                f" {storm.registered} registered {storm.recovery_s:.1f} s after its end",
                flush=True,
            )
        client.close()
    real, ours = found["real"], found["ours"]
    if real.starts:
        print(f"restarts reduced by {100 * (1 - ours.starts / real.starts):.1f} %")
    else:
        print(
            "nothing to compare: the outage was too short for one heartbeat, so nobody restarted; make it longer"
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
