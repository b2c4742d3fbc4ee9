"""The Pulumi program: settings -> plan -> platform -> exports. `__main__.py` only calls `run`."""

from __future__ import annotations

from pathlib import Path

import pulumi
import pulumi_docker as docker

from sutazai_infra.components.platform import Platform, PlatformArgs
from sutazai_infra.inputs.secretstore import secret_values
from sutazai_infra.inputs.stackconfig import settings_from_config
from sutazai_infra.model.container import StackSpec
from sutazai_infra.model.plan import Plan
from sutazai_infra.operations.gathering import gather
from sutazai_infra.operations.preflight import check

__all__ = ["run"]


def run(folder: Path) -> None:
    """Declare the stack; refuses before it registers a single resource. Raises `SutazaiError`."""
    stack = pulumi.get_stack()
    settings = settings_from_config(dict(pulumi.runtime.get_config_env()), stack)
    gathered = gather(folder, stack, settings)
    plan = gathered.plan()
    spec = gathered.declare(plan)
    updating = not pulumi.runtime.is_dry_run()
    if updating or settings.host == "auto":
        check(gathered, spec, updating=updating)
    values = secret_values(gathered.catalogue.secrets, stack, write=updating)
    secrets = {name: pulumi.Output.secret(value) for name, value in values.items()}
    # The provider asks its engine for a sign of life even at a preview; the check above does it, and says more.
    provider = docker.Provider("engine", docker.ProviderArgs(disable_docker_daemon_check=True))
    Platform(
        stack,
        PlatformArgs(spec, plan, secrets, keep_data=settings.keep_data),
        opts=pulumi.ResourceOptions(providers={"docker": provider}),
    )
    _export(plan, spec)


def _export(plan: Plan, spec: StackSpec) -> None:
    pulumi.export("urls", {c.service: f"http://127.0.0.1:{p.host}" for c in spec.containers for p in c.ports})
    pulumi.export("cores", {group.name: str(group.core_set) for group in plan.groups})
    pulumi.export("containers", len(spec.containers))
