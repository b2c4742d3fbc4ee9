"""The stack itself: does it fit, can it be deployed, is it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlparse

from sutazai_infra.cli.checks.finding import Finding, fail, ok, warn
from sutazai_infra.cli.project import Project
from sutazai_infra.inputs.stackconfig import PROJECT
from sutazai_infra.model.container import StackSpec
from sutazai_infra.model.errors import SutazaiError
from sutazai_infra.model.settings import ImageSource, PoolCgroups
from sutazai_infra.operations.deploy.hostwork import with_cgroups
from sutazai_infra.operations.deploy.readiness import check_before_work, images_to_build
from sutazai_infra.operations.gathering import Gathered
from sutazai_infra.operations.images import image_refs

__all__ = ["stack_checks"]


def stack_checks(project: Project) -> Iterator[Finding]:
    """Check what is about one stack."""
    title = f"stack {project.stack}"
    try:
        gathered = project.gather()
        counted = _with_all_cgroups(gathered)
        spec = counted.declare(counted.plan())
    except SutazaiError as refusal:
        yield from (fail(title, line, "see the message") for line in str(refusal).splitlines())
        return
    yield ok(title, f"fits: {len(spec.containers)} containers")
    yield _cgroups(gathered)
    if gathered.engine is not None:
        yield from _preflight(gathered, spec)
        yield from _images(gathered, spec)
    yield from _lock(project.stack)


def _with_all_cgroups(gathered: Gathered) -> Gathered:
    """`up` prepares the host first; so does this planning."""
    return with_cgroups(gathered, held=gathered.settings.pool_cgroups is not PoolCgroups.OFF)


def _cgroups(gathered: Gathered) -> Finding:
    setting = gathered.settings.pool_cgroups
    if setting is PoolCgroups.OFF:
        return ok("pool cgroups", "off in this stack: no pool is held to its memory and weight")
    if gathered.cgroups_prepared():
        return ok("pool cgroups", "prepared")
    fix = f"sudo sutazai host prepare --stack {gathered.stack} (`sutazai up` does it as root)"
    return warn("pool cgroups", f"not prepared ({setting.value})", fix)


def _preflight(gathered: Gathered, spec: StackSpec) -> Iterator[Finding]:
    try:
        check_before_work(gathered, spec)
    except SutazaiError as refusal:
        yield from (fail("preflight", line, "see the message") for line in str(refusal).splitlines())
    else:
        yield ok("preflight", "no name and no port is taken")


def _images(gathered: Gathered, spec: StackSpec) -> Iterator[Finding]:
    if gathered.settings.images is ImageSource.UPSTREAM:
        yield ok("images", "upstream; the engine pulls them")
        return
    refs = image_refs(gathered.folder / "images")
    missing = [name for name in images_to_build(gathered, spec) if not _has_image(refs[name])]
    if missing:
        yield warn("images", f"not built: {', '.join(missing)}", "sutazai images build (`sutazai up` does it)")
    else:
        yield ok("images", "all built")


def _has_image(reference: str) -> bool:
    from docker import from_env
    from docker.errors import DockerException

    try:
        client = from_env()
    except DockerException:
        return False
    try:
        client.images.get(reference)
    except DockerException:
        return False
    finally:
        client.close()
    return True


def _lock(stack: str) -> Iterator[Finding]:
    """A local backend keeps a file while an update runs, and after one that was killed."""
    parsed = urlparse(os.environ.get("PULUMI_BACKEND_URL", ""))
    if parsed.scheme != "file":
        return
    folder = Path(unquote(parsed.netloc + parsed.path)).expanduser() / ".pulumi" / "locks"
    held = [
        path for path in folder.rglob("*.json") if path.parent.name == stack and path.parent.parent.name == PROJECT
    ]
    if held:
        fix = f"wait for it; when no `pulumi` of it is left: pulumi cancel --stack {stack}"
        yield warn("lock", f"an update of {stack} is under way, or was killed", fix)
