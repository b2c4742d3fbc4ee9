"""Python, the Pulumi CLI, its language host, the Docker provider, and the backend."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlparse

from sutazai_infra.cli.checks.finding import Finding, fail, ok, warn

__all__ = ["toolchain_checks"]

_ENV = 'eval "$(make -s env)"'
_PROVIDER = "resource-docker-v"
_OLDEST, _BEYOND = (3, 11), (3, 14)


def toolchain_checks(folder: Path) -> Iterator[Finding]:
    """Check the programs that a deployment runs."""
    yield _python()
    yield _environment()
    pulumi = shutil.which("pulumi")
    if pulumi is None:
        yield fail("pulumi", "not on PATH", f"make toolchain; {_ENV}")
    else:
        yield _version(pulumi)
        yield _language_host(Path(pulumi))
        yield _provider()
    yield _backend()
    yield _passphrase()
    yield _pack(folder)


def _python() -> Finding:
    version = ".".join(str(part) for part in sys.version_info[:3])
    if _OLDEST <= sys.version_info[:2] < _BEYOND:
        return ok("python", version)
    return fail("python", f"{version} isn't supported", "use Python 3.11 to 3.13: make toolchain")


def _environment() -> Finding:
    if sys.prefix != sys.base_prefix:
        return ok("venv", sys.prefix)
    return warn("venv", "none is active; Pulumi runs the program with the python of PATH", _ENV)


def _version(pulumi: str) -> Finding:
    from pulumi.automation import PulumiCommand
    from pulumi.automation.errors import InvalidVersionError

    try:
        command = PulumiCommand()
    except InvalidVersionError as error:
        return fail("pulumi", f"{pulumi}: {error}", "make toolchain")
    except (OSError, subprocess.CalledProcessError) as error:
        return fail("pulumi", f"{pulumi} doesn't start: {error}", "make toolchain")
    return ok("pulumi", f"{command.version} ({pulumi})")


def _language_host(pulumi: Path) -> Finding:
    name = "pulumi-language-python"
    found = shutil.which(name) or next(
        (str(path) for path in (pulumi.with_name(name), pulumi.resolve().with_name(name)) if path.is_file()), None
    )
    if found is None:
        return fail("language host", f"no {name} on PATH or beside pulumi", f"make toolchain; {_ENV}")
    return ok("language host", found)


def _provider() -> Finding:
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    plugins = sorted(path.name for path in (home / "plugins").glob(f"{_PROVIDER}*") if path.is_dir())
    if plugins:
        return ok("docker provider", ", ".join(name.removeprefix(_PROVIDER) for name in plugins))
    if shutil.which("pulumi-resource-docker"):
        return warn("docker provider", "on PATH: every step warns about it", "make toolchain installs it properly")
    return warn("docker provider", "not installed; Pulumi tries to download it", "make toolchain")


def _backend() -> Finding:
    backend = os.environ.get("PULUMI_BACKEND_URL", "")
    if not backend.startswith("file://"):
        return ok("backend", backend or "the one that `pulumi login` chose")
    parsed = urlparse(backend)
    path = Path(unquote(parsed.netloc + parsed.path)).expanduser()
    if not path.exists():
        return ok("backend", f"{path} (made at the first update)")
    if not os.access(path, os.W_OK):
        return fail("backend", f"{path} can't be written", f"own it: sudo chown -R $USER {path}")
    return ok("backend", str(path))


def _passphrase() -> Finding:
    if os.environ.get("PULUMI_CONFIG_PASSPHRASE_FILE"):
        return ok("passphrase", "from PULUMI_CONFIG_PASSPHRASE_FILE")
    if os.environ.get("PULUMI_CONFIG_PASSPHRASE"):
        return ok("passphrase", "from PULUMI_CONFIG_PASSPHRASE")
    return ok("passphrase", "empty, which is fit for the dev stack only")


def _pack(folder: Path) -> Finding:
    if (folder / "policy" / "PulumiPolicy.yaml").is_file():
        return ok("policy pack", str(folder / "policy"))
    return fail("policy pack", f"{folder / 'policy'} is missing", "check out the whole repository")
