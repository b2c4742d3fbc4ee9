"""What the last snapshot command has left word of: when data was last taken, and last tried out."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

from prometheus_client.core import GaugeMetricFamily, Metric

__all__ = ["snapshot_metrics"]

_LOG = logging.getLogger("exporter.snapshots")
_TEXTS = {
    "last_success_timestamp_seconds": "When the newest snapshot was taken.",
    "last_bytes": "How much the newest snapshot holds.",
    "sets": "Snapshots that are kept.",
    "last_drill_timestamp_seconds": "When a snapshot was last tried out.",
    "last_drill_ok": "1 if that snapshot came back as it was taken.",
}


def snapshot_metrics(word: Path) -> Iterator[Metric]:
    """Yield what is known; nothing where no snapshot was ever taken."""
    try:
        known = json.loads(word.read_text(encoding="utf-8"))
        values = {name: float(known[name]) for name in _TEXTS if known.get(name) is not None}
    except FileNotFoundError:
        return
    except (OSError, ValueError, TypeError, AttributeError) as error:
        _LOG.warning("%s can't be read: %s", word, error)
        return
    for name, value in values.items():
        yield GaugeMetricFamily(f"sutazai_snapshot_{name}", _TEXTS[name], value=value)
