"""Entry point of the Pulumi program: a refusal is one message, not a traceback."""

from pathlib import Path

import pulumi

from sutazai_infra.model.errors import SutazaiError
from sutazai_infra.program import run

try:
    run(Path(__file__).parent)
except SutazaiError as refusal:
    raise pulumi.RunError(str(refusal)) from None
