"""`python3 -m workload backend|frontend|agent`."""

from __future__ import annotations

import importlib
import logging
import sys

from workload.settings import SettingsError

ROLES = ("agent", "backend", "frontend")


def main(arguments: list[str]) -> int:
    """Run a role until SIGTERM; the exit status."""
    if len(arguments) != 1 or arguments[0] not in ROLES:
        print(f"usage: workload {'|'.join(ROLES)}", file=sys.stderr)
        return 2
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        # Only the role that runs is loaded: an agent needs no database driver.
        importlib.import_module(f"workload.{arguments[0]}_main").main()
    except (SettingsError, OSError) as error:
        print(f"{arguments[0]}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
