"""How long the catalogue takes to be read and checked, which every command waits for first.

Run by hand: `python -m tests.benchmarks.bench_catalogue`. The budget is 150 ms on a quiet machine.
"""

from __future__ import annotations

import time
from pathlib import Path

from sutazai_infra.inputs.catalogue import load_catalogue

_FOLDER = Path(__file__).parents[2] / "catalogue"
_RUNS = 7


def main() -> None:
    """Print the best of some runs, and the count of services."""
    taken = []
    for _ in range(_RUNS):
        start = time.perf_counter()
        catalogue = load_catalogue(_FOLDER)
        taken.append(time.perf_counter() - start)
    print(f"{len(catalogue.services)} services: {min(taken) * 1000:.0f} ms")


if __name__ == "__main__":
    main()
