"""Run a Pulumi program in this process: run.py SETTINGS-AS-JSON DIRECTORY ENTRY-POINT [ARGUMENT...]."""

import sys

if sys.path and sys.path[0] == "":
    del sys.path[0]  # no file of the program's may stand in for a module that the SDK imports

import asyncio
import json
import logging
import os
import runpy
import signal
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

SHOWN = 32  # the exit status for "the user has been told"
THREADS_A_RESOURCE = 4


class Interrupted(SystemExit):
    """The engine ends the program, and knows it: no traceback."""


def interrupt(*_: object) -> None:
    """Let the program clean up, once: the engine may interrupt it several times."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise Interrupted(SHOWN)


signal.signal(signal.SIGINT, interrupt)

try:
    import pulumi
    import pulumi.runtime
except ImportError:
    traceback.print_exc()
    sys.exit(f"{sys.executable} has no Pulumi SDK: install the project's packages into it, or activate its .venv")


def main(settings: dict[str, Any], directory: str, program: str, arguments: list[str]) -> int:
    """Run the program, and return its exit status."""
    pulumi.runtime.set_all_config(pulumi.runtime.get_config_env(), pulumi.runtime.get_config_secret_keys_env())
    pulumi.runtime.configure(pulumi.runtime.Settings(**settings))
    sys.argv = [program, *arguments]
    if directory:
        os.chdir(directory)
    # A failed update leaves futures that nobody awaits: asyncio would report each of them.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    threads = ThreadPoolExecutor(max(settings["parallel"], 1) * THREADS_A_RESOURCE)
    loop.set_default_executor(threads)
    try:
        loop.run_until_complete(pulumi.runtime.run_in_stack(lambda: execute(program)))
    except Interrupted:
        # Threads wait for answers that an engine which ends never gives, and Python would wait for the threads.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(SHOWN)
    except pulumi.RunError as error:
        pulumi.log.error(str(error))
        return 1
    except Exception as error:
        pulumi.log.error(describe(error, program))
        return SHOWN
    finally:
        threads.shutdown(wait=True)
        loop.close()
    return 0


def execute(program: str) -> None:
    """Run the program's file, or its directory's `__main__.py`, as Python would."""
    # Asked to run a directory without one, runpy takes the first `__main__.py` of the whole import path.
    if not entry(program).is_file():
        raise FileNotFoundError(f"no Python program: {entry(program)} does not exist")
    runpy.run_path(program, run_name="__main__")


def entry(program: str) -> Path:
    """Find the file that a program starts with."""
    path = Path(program).resolve()
    return path / "__main__.py" if path.is_dir() else path


def describe(error: Exception, program: str) -> str:
    """Give the traceback from the program on: the frames above it are this file's and the SDK's."""
    start = entry(program)
    if not start.is_file():
        return str(error)
    frames = traceback.extract_tb(error.__traceback__)
    for index, frame in enumerate(frames):
        if Path(frame.filename).resolve() == start:
            limited = traceback.format_exception(error, limit=index - len(frames))
            return "Program failed with an unhandled exception:\n" + "".join(limited)
    return "Program failed with an unhandled exception:\n" + "".join(traceback.format_exception(error))


if __name__ == "__main__":
    try:
        status = main(json.loads(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4:])
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    sys.exit(status)
