"""The exporter behind the engine's proxy, and containers that use what the exporter is to tell about."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from secrets import token_hex

import httpx
from docker.models.containers import Container

from sutazai_infra.inputs.catalogue import load_catalogue
from sutazai_infra.model.settings import Settings
from sutazai_infra.planning.planner import plan
from sutazai_infra.render.configs import render_configs
from tests.integration.debian_tools import DebianTools
from tests.integration.image_lab import IMAGES, Lab, eventually

__all__ = ["ExporterLab", "Sample", "write_configs"]

PROXY, EXPORTER = 2375, 9105
SOCKET = "/var/run/docker.sock"
_PREFIX = "sutazai_container_"
Sample = Mapping[str, float]


def write_configs(folder: Path) -> Path:
    """Render the exporter's and the proxy's files, each under its renderer's name."""
    host = {"cores": 12, "memory": "29.38Gi", "reserved_cores": "0-1"}
    settings = Settings.parsed("settings", {"host": host, "agents": 0})
    assert settings.host != "auto"
    catalogue = load_catalogue(IMAGES.parent / "catalogue")
    texts = render_configs(plan(catalogue, settings.host.host(), settings), catalogue, settings)
    for name in ("engine-proxy", "plan-facts"):
        (folder / name).write_text(texts[name])
    folder.chmod(0o755)
    return folder


class ExporterLab:
    """A stack of labelled containers, watched."""

    def __init__(self, lab: Lab, configs: Path, tools: DebianTools) -> None:
        self.stack = f"exporter-{token_hex(3)}"
        self._lab = lab
        self._configs = configs
        self._tools = tools

    def watch(self) -> None:
        """Start proxy and exporter, and wait until the engine is seen through them."""
        self.start_proxy()
        self._lab.run(
            "exporter",
            "container-exporter",
            [],
            memory=112,
            pids_limit=256,
            environment={"STACK": self.stack, "PLAN": "/run/configs/plan-facts"},
            ports={f"{EXPORTER}/tcp": ("127.0.0.1", None)},
            volumes=[f"{self._configs}:/run/configs:ro"],
        )
        eventually(lambda: "\nsutazai_engine_up 1.0\n" in self.get("/metrics").text)

    def start_proxy(self) -> None:
        """Run Debian's HAProxy as the stack runs its engine-proxy: root without a single capability."""
        program = self._tools.unpacked("haproxy").relative_to(self._tools.folder)
        self._lab.run(
            "pgbouncer",  # any image has the other libraries that HAProxy is linked to
            "engine-proxy",
            [f"/tools/{program}", "-W", "-db", "-f", "/run/configs/engine-proxy"],
            memory=64,
            user="0:0",
            environment={"LD_LIBRARY_PATH": ":".join(self._tools.libraries(Path("/tools")))},
            ports={f"{PROXY}/tcp": ("127.0.0.1", None)},
            volumes=[
                f"{SOCKET}:{SOCKET}:ro",
                f"{self._configs}:/run/configs:ro",
                f"{self._tools.folder}:/tools:ro",
            ],
        )

    def stop_proxy(self) -> None:
        """Take the engine away."""
        self._lab.remove("engine-proxy")

    def start(self, instance: str, *command: str, memory: int = 64, **options: object) -> Container:
        """Start a container of the stack."""
        labels = {
            "sutazai.stack": self.stack,
            "sutazai.instance": instance,
            "sutazai.service": instance,
            "sutazai.pool": "agents",
            "sutazai.tier": "2",
            "sutazai.priority": "low",
        }
        more = {"labels": labels, "memswap_limit": f"{memory}m", **options}
        return self._lab.run("python", instance, list(command), memory=memory, **more)

    def get(self, path: str) -> httpx.Response:
        """Ask the exporter."""
        return httpx.get(self._lab.url("container-exporter", EXPORTER) + path, timeout=15)

    def metrics(self, instance: str) -> Sample:
        """Read a container's metrics, by their names without the prefix."""
        text = self.get("/metrics").text
        rows = re.findall(rf'^{_PREFIX}(\w+)\{{[^}}]*[{{,]name="{instance}"[^}}]*\}} (\S+)$', text, re.MULTILINE)
        return {name: float(value) for name, value in rows}

    def proxy_address(self) -> str:
        """The proxy's address in its own network."""
        return self._lab.address("engine-proxy")

    @property
    def proxy(self) -> str:
        """The proxy's address, as host:port."""
        return self._lab.url("engine-proxy", PROXY).removeprefix("http://")
