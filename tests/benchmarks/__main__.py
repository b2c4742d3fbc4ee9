"""Run every benchmark of this folder, one after the other: `make bench`."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

for path in sorted(Path(__file__).parent.glob("bench_*.py")):
    print(path.stem, flush=True)
    import_module(f"tests.benchmarks.{path.stem}").main()
