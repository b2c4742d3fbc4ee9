"""The versions of `tools/pins.toml`, as frozen values."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

Version = tuple[int, int, int]


def parse_version(text: str) -> Version | None:
    """Find the first version number in a text: `v3.272.0`, `go1.26`, `uv 0.13.9 (...)`."""
    match = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
    return (int(match[1]), int(match[2]), int(match[3] or 0)) if match else None


@dataclass(frozen=True)
class Range:
    """A half-open range of versions."""

    at_least: str
    below: str = "9999.0.0"

    def holds(self, version: str) -> bool:
        """Tell whether the version lies in the range; a text without a version does not."""
        found, low, high = parse_version(version), parse_version(self.at_least), parse_version(self.below)
        return found is not None and low is not None and high is not None and low <= found < high

    def __str__(self) -> str:
        upper = "" if self.below.startswith("9999") else f", <{self.below}"
        return f">={self.at_least}{upper}"


@dataclass(frozen=True)
class Build:
    """One program that is built from Go modules."""

    name: str
    binary: str
    version: str
    directory: Path
    package: str
    ldflags: str
    tags: str
    minutes: int


@dataclass(frozen=True)
class Pins:
    """All of them."""

    pulumi: Range
    pulumi_official: str
    pulumi_url: str
    pulumi_checksums_url: str
    provider: str
    provider_url: str
    go: Range
    python: Range
    pip: str
    uv: Range
    uv_version: str
    docker_package: str
    builds: dict[str, Build]

    @property
    def cli(self) -> Build:
        """The Pulumi CLI."""
        return self.builds["cli"]

    @property
    def langhost(self) -> Build:
        """The Python language host."""
        return self.builds["langhost"]

    @property
    def docker_provider(self) -> Build:
        """The Docker provider."""
        return self.builds["provider"]


def load(tools: Path) -> Pins:
    """Read `pins.toml` in the tools' directory."""
    raw = tomllib.loads((tools / "pins.toml").read_text(encoding="utf-8"))
    pulumi, provider = raw["pulumi"], raw["provider"]
    return Pins(
        pulumi=Range(pulumi["at_least"], pulumi["below"]),
        pulumi_official=pulumi["official"],
        pulumi_url=pulumi["official_url"],
        pulumi_checksums_url=pulumi["checksums_url"],
        provider=provider["version"],
        provider_url=provider["official_url"],
        go=Range(raw["go"]["at_least"]),
        python=Range(raw["python"]["at_least"], raw["python"]["below"]),
        pip=raw["python"]["pip"],
        uv=Range(raw["uv"]["at_least"]),
        uv_version=raw["uv"]["version"],
        docker_package=raw["docker"]["package"],
        builds={
            name: Build(
                name=name,
                binary=each["binary"],
                version=each["version"],
                directory=tools / each["directory"],
                package=each["package"],
                ldflags=each["ldflags"],
                tags=each["tags"],
                minutes=each["minutes"],
            )
            for name, each in raw["build"].items()
        },
    )
