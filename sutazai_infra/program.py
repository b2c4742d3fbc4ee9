"""The Pulumi program: settings -> plan -> platform -> exports. `__main__.py` only calls `run`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pulumi
import pulumi_docker as docker

from sutazai_infra.components.platform import Platform, PlatformArgs
from sutazai_infra.inputs.secretstore import stack_secrets
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
    now = datetime.now(UTC)
    kept = stack_secrets(gathered.catalogue.secrets, stack, settings.tls, now, write=updating)
    secrets = {name: pulumi.Output.secret(secret.value) for name, secret in kept.items()}
    versions = {name: secret.version for name, secret in kept.items()}
    # The provider asks its engine for a sign of life even at a preview; the check above does it, and says more.
    provider = docker.Provider("engine", docker.ProviderArgs(disable_docker_daemon_check=True))
    Platform(
        stack,
        PlatformArgs(spec, plan, secrets, versions, keep_data=settings.keep_data),
        opts=pulumi.ResourceOptions(providers={"docker": provider}),
    )
    _export(plan, spec)


def _export(plan: Plan, spec: StackSpec) -> None:
    pulumi.export("urls", {c.service: p.url for c in spec.containers for p in c.ports})
    pulumi.export("cores", {group.name: str(group.core_set) for group in plan.groups})
    pulumi.export("containers", len(spec.containers))
