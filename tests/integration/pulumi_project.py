"""A Pulumi project with a state of its own, and how its commands ended."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import pytest

_KINDS = {"+": "create", "~": "update", "-": "delete", "+-": "replace"}


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    output: str

    @property
    def lines(self) -> list[str]:
        """The output's lines, without their indent."""
        return [line.strip() for line in self.output.splitlines()]

    @property
    def changes(self) -> dict[str, int]:
        """Count what was done, or is to be, as the summary at the end does; empty when nothing changed."""
        _, _, summary = self.output.rpartition("Resources:")
        found = re.findall(r"([-+~]+) ?(\d+) ", summary.split("Duration")[0])
        return {_KINDS[sign]: int(count) for sign, count in found}

    def violations(self, level: str = "mandatory") -> list[str]:
        """Return the names of the rules that are violated at that level."""
        pattern = rf"- \[{level}\](?: \[severity: \w+\])?\s+(\S+)"
        return [match[1] for line in self.lines if (match := re.match(pattern, line))]

    def worked(self) -> Self:
        """Fail the test with everything that was said, unless it worked."""
        assert self.code == 0, self.output
        return self


class PulumiProject:
    """Runs commands in a project's folder; its state is in the folder `state`, which is made."""

    def __init__(self, folder: Path, state: Path) -> None:
        self.folder = folder
        self.state = state
        state.mkdir()
        self.environment = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PULUMI_BACKEND_URL": f"file://{state}",
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_SKIP_UPDATE_CHECK": "1",
        }

    def pulumi(self, *arguments: str, **environment: str) -> Done:
        """Run a command of Pulumi's in the project."""
        return self.run("pulumi", "--non-interactive", "--color", "never", *arguments, **environment)

    def run(self, *command: str, **environment: str) -> Done:
        """Run a command in the project."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env={**self.environment, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        return Done(done.returncode, done.stdout)


def need_pulumi() -> None:
    """Fail the test, never skip it, where there is no Pulumi."""
    if shutil.which("pulumi") is None:
        pytest.fail(
            'no `pulumi` on PATH: run `eval "$(python3 -m tools.toolchain env)"`, or `make test-integration`'
        )
