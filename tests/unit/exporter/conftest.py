from __future__ import annotations

import sys
from pathlib import Path

# The exporter is no part of the program: it lives in its image and is imported from there.
sys.path.insert(0, str(Path(__file__).parents[3] / "images" / "exporter"))
