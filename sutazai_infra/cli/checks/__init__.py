"""What `sutazai doctor` looks at, a file a concern. Every check returns findings and raises nothing."""

from __future__ import annotations

from sutazai_infra.cli.checks.engine import engine_checks
from sutazai_infra.cli.checks.finding import Finding, Level
from sutazai_infra.cli.checks.stack import stack_checks
from sutazai_infra.cli.checks.toolchain import toolchain_checks
from sutazai_infra.cli.project import Project

__all__ = ["Finding", "Level", "all_checks"]


def all_checks(project: Project) -> list[Finding]:
    """Look at everything."""
    return [*toolchain_checks(project.folder), *engine_checks(), *stack_checks(project)]
