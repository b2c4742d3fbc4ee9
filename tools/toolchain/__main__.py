"""The command: `python3 -m tools.toolchain ensure|engine|venv|env`, from the repository's root."""

from __future__ import annotations

import argparse
import os
import signal
import sys

from tools.toolchain import engine as docker
from tools.toolchain import environment, plugin, pulumi, python
from tools.toolchain import pins as pinned
from tools.toolchain.download import Memory
from tools.toolchain.errors import ToolchainError
from tools.toolchain.lock import locked
from tools.toolchain.pins import Pins
from tools.toolchain.places import Places
from tools.toolchain.progress import say


def ensure(pins: Pins, places: Places, *, retry: bool) -> None:
    """Provide the CLI, its language host and the provider."""
    with locked(places.cache):
        if retry:
            Memory(places.cache).forget()
        choice = pulumi.ensure(pins, places, retry=retry)
        provider = plugin.ensure_provider(choice, pins, places, retry=retry)
    say(
        f"pulumi {choice.origin}: {choice.cli}; language host: {choice.langhost}; "
        f"Docker provider {pins.provider}: {provider}"
    )


def venv(pins: Pins, places: Places) -> None:
    """Provide the virtual environment."""
    with locked(places.cache):
        python.ensure_venv(pins, places)


def engine(pins: Pins, places: Places) -> None:
    """Provide the Docker engine."""
    docker.ensure_engine(pins, places)


def env(pins: Pins, places: Places) -> None:
    """Print the shell code, alone on standard output."""
    sys.stdout.write(environment.exports(pins, places))


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python3 -m tools.toolchain", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    ensuring = commands.add_parser("ensure", help="find, download or build the Pulumi CLI, host and provider")
    ensuring.add_argument(
        "--retry",
        action="store_true",
        help="ask for the official releases again, though they failed lately or a build is there",
    )
    commands.add_parser(
        "engine", help="find, or install and start, the Docker engine (YES=1 or CI: without asking)"
    )
    commands.add_parser("venv", help="make or update .venv from uv.lock")
    commands.add_parser("env", help='print export lines: eval "$(python3 -m tools.toolchain env)"')
    return parser.parse_args()


def main() -> int:
    """Run one command; an expected failure is one message."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # ends what it runs, too
    args, places = arguments(), Places.of(os.environ)
    try:
        pins = pinned.load(places.tools)
        if args.command == "ensure":
            ensure(pins, places, retry=args.retry)
        else:
            {"engine": engine, "venv": venv, "env": env}[args.command](pins, places)
    except ToolchainError as error:
        say(str(error))
        return 1
    except OSError as error:  # a full disk, a read-only cache
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("interrupted; the next call goes on from here")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
