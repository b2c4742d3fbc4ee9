from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.toolchain.errors import ToolchainError
from tools.toolchain.lock import locked
from tools.toolchain.places import REPOSITORY
from tools.toolchain.run import run, stream

Write = Callable[..., Path]


def command(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tools.toolchain", *arguments],
        cwd=REPOSITORY,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def test_env_prints_shell_code_only_and_is_quick(tmp_path: Path) -> None:
    began = time.monotonic()
    done = command("env", HOME=str(tmp_path), PATH=str(tmp_path), PULUMI_BACKEND_URL="file:///x")
    assert done.returncode == 0
    assert all(line.startswith("export ") for line in done.stdout.splitlines())
    assert done.stderr.count("\n") == 1
    assert time.monotonic() - began < 2  # 0.1 s on an idle machine; a busy one must not fail the test


def test_an_expected_failure_is_a_message_and_a_status(tmp_path: Path) -> None:
    done = command("engine", HOME=str(tmp_path), PATH=str(tmp_path), DOCKER_HOST=f"unix://{tmp_path}/none")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("toolchain: no Docker engine answers at DOCKER_HOST=unix://")


def test_a_cache_that_cannot_be_written_is_a_message(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = command("ensure", XDG_CACHE_HOME=str(tmp_path / "file"), PATH=str(tmp_path))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "Not a directory" in done.stderr


def test_help_names_every_command() -> None:
    done = command("--help")
    assert all(each in done.stdout for each in ("ensure", "engine", "venv", "env"))


def test_a_second_caller_waits_for_the_first(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from tools.toolchain.lock import locked\n"
        "with locked(Path(sys.argv[1])): print('in')"
    )
    with locked(tmp_path):
        other = subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path)],
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert other.stderr
        assert f"(process {os.getpid()})" in other.stderr.readline()
        assert other.poll() is None
    out, _ = other.communicate(timeout=10)
    assert out == "in\n"


def test_a_killed_holder_frees_the_lock(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from tools.toolchain.lock import locked\n"
        "with locked(Path(sys.argv[1])): print('in', flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], cwd=REPOSITORY, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout
        other.stdout.readline()
        other.send_signal(signal.SIGKILL)
        other.wait(timeout=10)
    with locked(tmp_path):
        pass


def test_a_program_that_cannot_start_or_hangs_is_a_result(program: Write) -> None:
    assert run(["/none"]).code == 127
    hanging = run([program("hanging", "exec /bin/sleep 5")], timeout=0.2)
    assert (hanging.code, "timed out" in hanging.output) == (127, True)


def test_a_stream_fails_with_the_last_lines(program: Write) -> None:
    failing = program("failing", "for i in 1 2 3; do echo line $i; done; exit 4")
    lines: list[str] = []
    with pytest.raises(ToolchainError, match="failing failed:\n  line 1\n  line 2\n  line 3"):
        lines.extend(stream([failing]))


def test_a_stream_that_is_left_ends_its_program(program: Write) -> None:
    lines = stream([program("endless", "echo $$; exec /bin/sleep 60")])
    pid = int(next(lines))
    lines.close()  # type: ignore[attr-defined]
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
