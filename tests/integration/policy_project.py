"""A hand-written Pulumi project under the policy pack: knows nothing of the program, has a state of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from tests.integration.pulumi_project import Done, PulumiProject, need_pulumi

ROOT = Path(__file__).parents[2]
PACK = ROOT / "policy"
GOOD = """
from tests.corpus.citizens import container
container("cache")
"""


class HandMade(PulumiProject):
    """A project with one stack, `prod`, whose program uses the corpus' good citizens."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, folder / "state")
        self.environment["PYTHONPATH"] = str(ROOT)
        self.environment.pop("PULUMI_STACK", None)
        (folder / "Pulumi.yaml").write_text("name: handmade\nruntime: python\n", encoding="utf-8")

    def program(self, text: str) -> None:
        """Write the program."""
        (self.folder / "__main__.py").write_text(dedent(text), encoding="utf-8")

    def config(self, **rules: Any) -> str:
        """Write a policy configuration, `root_user` for root-user; returns its path."""
        path = self.folder / "policy-config.json"
        path.write_text(json.dumps({name.replace("_", "-"): given for name, given in rules.items()}))
        return str(path)

    def preview(self, program: str, *options: str, pack: Path = PACK, stack: str = "prod") -> Done:
        """Preview a program under the pack."""
        self.program(program)
        self.pulumi("stack", "select", "--create", stack)
        return self.pulumi("preview", "--policy-pack", str(pack), *options)


@pytest.fixture
def project(tmp_path: Path) -> HandMade:
    """Return an empty project; fails, never skips, where there is no engine."""
    need_pulumi()
    return HandMade(tmp_path)


def state_with(project: HandMade, inputs: Mapping[str, Any]) -> Path:
    """Write a state in which a container with these properties is deployed; returns its path."""
    urn = "urn:pulumi:prod::handmade"
    provider = f"{urn}::pulumi:providers:docker::default_5_2_0"
    identifier = "00000000-0000-4000-8000-000000000000"
    resources = [
        {"urn": f"{urn}::pulumi:pulumi:Stack::handmade-prod", "custom": False, "type": "pulumi:pulumi:Stack"},
        {"urn": provider, "custom": True, "id": identifier, "type": "pulumi:providers:docker", "inputs": {}},
        {
            "urn": f"{urn}::docker:index/container:Container::cache",
            "custom": True,
            "id": "0123456789ab",
            "type": "docker:index/container:Container",
            "inputs": dict(inputs),
            "outputs": dict(inputs),
            "provider": f"{provider}::{identifier}",
        },
    ]
    path = project.folder / "state.json"
    deployment = {"manifest": {"time": "2026-11-25T00:00:00Z", "magic": "", "version": ""}, "resources": resources}
    path.write_text(json.dumps({"version": 3, "deployment": deployment}), encoding="utf-8")
    return path
