"""The real program on the real engines, as a stack of this test run alone: own state, names, networks and ports.

The stack's name tells whose it is (`t<pid in hex>-<hex>`), and so do the labels of everything that it makes. What
a killed run left is removed at the next start.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import docker
import yaml
from docker.models.containers import Container
from sutazai_policy.rules import all_rules

from sutazai_infra.inputs.stackconfig import settings_from_file
from sutazai_infra.model.cgroup import PoolCgroup
from sutazai_infra.operations.gathering import gather
from sutazai_infra.operations.images import build_images
from sutazai_infra.planning.declaration import pool_cgroups
from tests.integration.pulumi_project import Done, PulumiProject, need_pulumi
from tests.integration.stack_sweep import LABEL, remove_stack

REPOSITORY = Path(__file__).parents[2]
CORE = ("postgres", "redis", "pgbouncer", "backend", "frontend", "gateway")
AGENTS = ("agent-orchestrator", "ai-scrum-master")
# As Pulumi.dev.yaml, but smaller, so that it fits beside other stacks.
SETTINGS: Mapping[str, Any] = {
    "share": "0.2",
    "fit": "scale",
    "images": "built",
    "services": {"only": list(CORE)},
    "agents": list(AGENTS),
    "probe_interval_max": "2s",
    "probe_share": "1",
    "keep_data": "false",
    "pool_cgroups": "off",
}
# Copied, so that nobody's edit during the run makes a change of its own.
_COPIED = ("agents", "catalogue", "images", "policy", "sutazai_infra")


class StackLab(PulumiProject):
    """A copy of the project, as it is now, with a stack and a state of its own."""

    def __init__(self, folder: Path, name: str | None = None) -> None:
        super().__init__(folder / "project", folder / "state")
        self.stack = name or f"t{os.getpid():x}-{secrets.token_hex(2)}"
        self.environment["PULUMI_STACK"] = self.stack
        self.folder.mkdir()
        (self.folder / ".venv").symlink_to(REPOSITORY / ".venv")
        for copied in _COPIED:
            shutil.copytree(
                REPOSITORY / copied, self.folder / copied, ignore=shutil.ignore_patterns("__pycache__")
            )
        for copied in ("__main__.py", "Pulumi.yaml"):
            shutil.copy(REPOSITORY / copied, self.folder)
        self.client = docker.from_env(timeout=60)
        self.settings: dict[str, Any] = dict(SETTINGS)
        self.pulumi("stack", "init", self.stack).worked()

    @property
    def config_file(self) -> Path:
        """Return the stack's configuration."""
        return self.folder / f"Pulumi.{self.stack}.yaml"

    def configure(self, **changes: Any) -> None:
        """Write the settings, with changes to them; None leaves one out."""
        given = {key: value for key, value in {**self.settings, **changes}.items() if value is not None}
        document = yaml.safe_load(self.config_file.read_text()) if self.config_file.exists() else {}
        document["config"] = {f"sutazai-infra:{key}": value for key, value in given.items()}
        self.config_file.write_text(yaml.safe_dump(document))

    def admit(self) -> None:
        """Have the project's own policy pack hold this stack to the machine that it runs on."""
        said = self.folder / "policy/stacks.yaml"
        own = {self.stack: {"host": "auto", "volume-protected": {"unprotected": ["*"]}}}
        said.write_text(yaml.safe_dump({**yaml.safe_load(said.read_text()), **own}))

    def commit(self, message: str) -> str:
        """Put the project under git, as it is; the revision."""
        (self.folder / ".gitignore").write_text(".venv\n__pycache__/\n")
        by = ("-c", "user.name=lab", "-c", "user.email=lab@localhost")
        for words in (("init", "-q"), ("add", "-A"), (*by, "commit", "-q", "--allow-empty", "-m", message)):
            self.run("git", *words).worked()
        return self.run("git", "rev-parse", "HEAD").worked().output.strip()

    def edit(self, file: str, old: str, new: str) -> None:
        """Change this stack's copy of a file of the catalogue."""
        path = self.folder / "catalogue" / file
        text = path.read_text()
        assert old in text, f"{file} has no {old!r}"
        path.write_text(text.replace(old, new, 1))

    def up(self, *options: str) -> Done:
        """Update without a preview; `program` and pack must hold by themselves."""
        return self.pulumi("up", "--yes", "--skip-preview", *options)

    def preview(self, *options: str) -> Done:
        """Preview."""
        return self.pulumi("preview", *options)

    def with_pack(self, **settings: dict[str, Any]) -> Sequence[str]:
        """Return the options that hold this stack to the machine that it runs on; `settings` are rules' own."""
        given: dict[str, Any] = {
            rule.name: {"host": "auto"} for rule in all_rules() if "host" in rule.settings.model_fields
        }
        given["volume-protected"] = {"unprotected": ["*"]}  # `keep_data` is off: its data goes with it
        for rule, more in settings.items():
            given[rule] = {**given.get(rule, {}), **more}
        config = self.folder / "policy-config.json"
        config.write_text(json.dumps(given))
        return ("--policy-pack", "policy", "--policy-pack-config", str(config))

    def outputs(self) -> dict[str, Any]:
        """Return what the stack exports."""
        answer: dict[str, Any] = json.loads(self.pulumi("stack", "output", "--json").worked().output)
        return answer

    def secrets(self) -> dict[str, str]:
        """Return the stack's secrets by name, from the file that only their owner reads."""
        entries = json.loads((self.state / "secrets" / f"{self.stack}.json").read_text())
        return {name: entry if isinstance(entry, str) else entry["value"] for name, entry in entries.items()}

    def plan(self) -> dict[str, Any]:
        """Return the plan in the stack's state."""
        path = self.state / ".pulumi/stacks/sutazai-infra" / f"{self.stack}.json"
        resources = json.loads(path.read_text())["checkpoint"]["latest"]["resources"]
        text = next(r["outputs"]["plan"] for r in resources if r["type"] == "sutazai:index:Platform")
        plan: dict[str, Any] = json.loads(text)
        return plan

    def pool_cgroups(self) -> tuple[PoolCgroup, ...]:
        """Return the cgroups that the stack's plan asks for."""
        gathered = gather(self.folder, self.stack, settings_from_file(self.folder, self.stack), cgroups=True)
        return pool_cgroups(gathered.plan(), self.stack)

    def container(self, instance: str) -> Container:
        """Return a container of this stack, as it is now."""
        return self.client.containers.get(f"sutazai-{self.stack}-{instance}")

    def containers(self, *, running: bool = False) -> list[Container]:
        """Return the stack's containers; the carriers of files never run."""
        found = self.client.containers.list(all=not running, filters={"label": f"{LABEL}={self.stack}"})
        return sorted(found, key=lambda container: str(container.name))

    def remains(self) -> list[str]:
        """Return the names of everything on the engine that has this stack's name."""
        return [*(str(c.name) for c in self.containers()), *_networks(self), *_volumes(self)]

    def close(self) -> None:
        """Leave nothing on the engine."""
        remove_stack(self.client, self.stack)
        self.client.close()

    @classmethod
    @contextmanager
    def opened(cls, folder: Path) -> Iterator[Self]:
        """Yield a lab with its settings written; nothing of it is left at the end."""
        need_pulumi()
        lab = cls(folder)
        try:
            build_images(None, lab.folder / "images", lab.client)
            lab.configure()
            yield lab
        finally:
            lab.close()


def state_of(container: Container) -> tuple[str, int, str]:
    """Return what tells one run of a container from another: id, process id and time of start."""
    container.reload()
    return str(container.id), container.attrs["State"]["Pid"], container.attrs["State"]["StartedAt"]


def free_port() -> int:
    """Return a port of the loopback that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def eventually(condition: Any, seconds: float = 30) -> bool:
    """Wait until a condition holds; whether it did."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.2)
    return True


def _networks(lab: StackLab) -> list[str]:
    return [str(n.name) for n in lab.client.networks.list(filters={"label": f"{LABEL}={lab.stack}"})]


def _volumes(lab: StackLab) -> list[str]:
    return [str(v.name) for v in lab.client.volumes.list(filters={"label": f"{LABEL}={lab.stack}"})]
