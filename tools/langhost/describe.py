"""Print, as JSON, the interpreter and the distributions that it sees, each with its pulumi-plugin.json."""

import json
import platform
import re
import sys
from importlib.metadata import Distribution, distributions
from pathlib import Path


def normal(name: str) -> str:
    """Write a distribution's name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def plugin_of(dist: Distribution) -> object:
    """Read a package's plugin file, which lies beside its code: pulumi_docker/pulumi-plugin.json."""
    module = dist.metadata["Name"].replace("-", "_")
    path = Path(str(dist.locate_file(module))) / "pulumi-plugin.json"
    return json.loads(path.read_text()) if path.is_file() else None


def requirements(dist: Distribution) -> set[str]:
    """Name what a distribution requires without extras."""
    plain = (line for line in dist.requires or [] if "extra ==" not in line)
    return {normal(re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0]) for line in plain}


found = {normal(dist.metadata["Name"]): dist for dist in distributions() if dist.metadata["Name"]}
required = set().union(*map(requirements, found.values()))
packages = [
    {"name": name, "version": dist.version, "required": name in required, "plugin": plugin_of(dist)}
    for name, dist in sorted(found.items())
]
print(json.dumps({"executable": sys.executable, "version": platform.python_version(), "packages": packages}))
