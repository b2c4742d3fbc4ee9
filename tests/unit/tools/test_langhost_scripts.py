from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

from tools.toolchain.places import REPOSITORY

LANGHOST = REPOSITORY / "tools" / "langhost"
SETTINGS = {"project": "p", "stack": "s", "parallel": 1, "dry_run": True, "organization": "o"}


def start(program: Path, directory: Path, *arguments: str) -> subprocess.Popen[str]:
    """Starts a program as the language host does, but without an engine."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-", json.dumps(SETTINGS), str(directory), str(program), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdin
    process.stdin.write((LANGHOST / "run.py").read_text())
    process.stdin.close()
    process.stdin = None
    return process


def test_the_environment_is_described_with_the_provider_that_an_sdk_needs() -> None:
    script = (LANGHOST / "describe.py").read_text()
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    packages = {each["name"]: each for each in found["packages"]}
    assert found["executable"] == sys.executable
    assert packages["pulumi-docker"]["plugin"] == {"resource": True, "name": "docker", "version": "5.2.0"}
    assert packages["pulumi-policy"]["plugin"] == {"resource": False}
    assert packages["pulumi"]["plugin"] is None
    assert packages["grpcio"]["required"]


def test_a_program_that_does_not_exist_is_named(tmp_path: Path) -> None:
    process = start(Path(), tmp_path)
    output, _ = process.communicate(timeout=60)
    assert f"no Python program: {tmp_path}/__main__.py does not exist" in output
    assert process.returncode == 32


def test_an_exception_is_shown_from_the_program_on(tmp_path: Path) -> None:
    (tmp_path / "__main__.py").write_text("import sys\ndef fail():\n    raise ValueError(sys.argv[1])\nfail()\n")
    process = start(Path(), tmp_path, "boom")
    output, _ = process.communicate(timeout=60)
    shown = output[output.index("Program failed") :].strip().splitlines()
    assert shown[:2] == ["Program failed with an unhandled exception:", "Traceback (most recent call last):"]
    assert shown[2] == f'  File "{tmp_path}/__main__.py", line 4, in <module>'
    assert shown[-1] == "ValueError: boom"
    assert process.returncode == 32


def test_a_program_s_own_exit_status_is_kept(tmp_path: Path) -> None:
    (tmp_path / "__main__.py").write_text("raise SystemExit(3)\n")
    process = start(Path(), tmp_path)
    process.communicate(timeout=60)
    assert process.returncode == 3


def test_no_file_of_the_program_stands_in_for_a_module_of_the_sdk(tmp_path: Path) -> None:
    (tmp_path / "grpc.py").write_text("raise RuntimeError('shadowed')\n")
    (tmp_path / "__main__.py").write_text("import grpc; print('ran with', grpc.__file__)\n")
    process = start(Path(), tmp_path)
    output, _ = process.communicate(timeout=60)
    assert "site-packages" in output


def test_an_interrupt_ends_a_program_without_a_traceback(tmp_path: Path) -> None:
    # A thread that waits for ever is how a call to an engine that ends looks.
    (tmp_path / "__main__.py").write_text(
        "import asyncio, time\n"
        "asyncio.get_event_loop().run_in_executor(None, time.sleep, 60)\n"
        "try:\n    print('ready'); time.sleep(60)\nfinally:\n    print('cleaned up')\n"
    )
    process = start(Path(), tmp_path)
    assert process.stdout
    while "ready" not in process.stdout.readline():
        pass
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=10)
    assert (output, process.returncode) == ("cleaned up\n", 32)
