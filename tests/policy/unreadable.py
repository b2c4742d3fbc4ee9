"""What messages say of a value that can't be read, whatever the property is."""

from __future__ import annotations

LATER = "is unknown until the update runs: give a plain value, not another resource's output"
HIDDEN = "is a secret that can't be read as what belongs here: give a plain value"
