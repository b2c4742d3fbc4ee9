from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

from tools.toolchain.places import REPOSITORY

INFO = (REPOSITORY / "tools" / "provider" / "info.go").read_text()
NATIVE = {"Image", "BuilderVersion"}  # the stock provider's own; see tools/README.md


def test_every_resource_and_function_of_the_sdk_is_mapped() -> None:
    sdk = Path(str(files("pulumi_docker")))
    tokens = re.findall(r"docker:index/(\w+):(\w+)", "".join(path.read_text() for path in sdk.glob("*.py")))
    members = {member for file, member in tokens if file[0].upper() + file[1:] == member or file == member}
    assert {"Container", "Network", "RemoteImage", "getLogs"} < members
    assert {member for member in members - NATIVE if f'"{member}"' not in INFO} == set()
