"""Builds the toolchain's programs from Go modules, where the official releases are not reached."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable
from pathlib import Path

from tools.toolchain.errors import ToolchainError
from tools.toolchain.pins import Build, Pins, Range, parse_version
from tools.toolchain.places import Places
from tools.toolchain.progress import Progress
from tools.toolchain.run import Runner, run, stream

USUAL_GO = Path("/usr/local/go/bin/go")
PACKAGE = re.compile(r"^[\w.~+-]+(/[\w.~+-]+)*$")


def build(build: Build, pins: Pins, places: Places) -> Path:
    """Build a program into the cache. Go's own build cache makes an interrupted build go on where it was."""
    target = places.built(build)
    if target.is_file():
        return target
    go = find_go(build, pins.go, places)
    target.parent.mkdir(parents=True, exist_ok=True)
    progress = Progress(
        f"building {build.binary} {build.version} from Go modules (some {build.minutes} min when new)"
    )
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        part = Path(scratch) / build.binary
        try:
            watch(stream(command(go, build, part), cwd=build.directory, env=environment(places)), progress)
        except ToolchainError as error:
            raise ToolchainError(
                f"{build.binary} cannot be built: {error}\n"
                "Ways out: make Go's module proxy (GOPROXY) reachable and call again, to go on where this "
                f"stopped; or install the Pulumi CLI {pins.pulumi} yourself: https://www.pulumi.com/docs/install"
            ) from error
        part.replace(target)
    progress.done("built")
    return target


def command(go: Path, build: Build, target: Path) -> list[str | Path]:
    """Write the build command: go.mod and go.sum are taken as they are; no path gets into the program."""
    return [
        go, "build", "-v", "-mod=readonly", "-trimpath", "-buildvcs=false",
        "-tags", build.tags, "-ldflags", f"-s -w {build.ldflags}".strip(), "-o", target, build.package,
    ]  # fmt: skip


def environment(places: Places) -> dict[str, str]:
    """Take the caller's, less what would make two machines build two things."""
    environ = dict(places.environ)
    for name in ("GOOS", "GOARCH", "GOFLAGS", "GOWORK"):
        environ.pop(name, None)
    # A C compiler is neither needed nor the same everywhere.
    return environ | {"CGO_ENABLED": "0", "GOWORK": "off"}


def watch(lines: Iterable[str], progress: Progress) -> None:
    """Turn Go's chatter into news: it names the modules that it downloads, the packages that it compiled."""
    downloaded = compiled = 0
    for line in lines:
        if line.startswith("go: downloading "):
            downloaded += 1
            progress.show(f"{downloaded} modules downloaded, now {line.removeprefix('go: downloading ')}")
        elif PACKAGE.match(line):
            compiled += 1
            progress.show(f"{compiled} packages compiled, last {line}")


def find_go(build: Build, accepted: Range, places: Places, runner: Runner = run) -> Path:
    """Find a Go that is new enough, or, from 1.21 on, one that fetches a newer one itself."""
    go = places.on_path("go") or (USUAL_GO if USUAL_GO.is_file() else None)
    needed = f"{build.binary} {build.version} is not here, its official release is not reached, and building it"
    way_out = "install Go from https://go.dev/dl, or the Pulumi CLI from https://www.pulumi.com/docs/install"
    if go is None:
        raise ToolchainError(f"{needed} needs Go {accepted}, which is not on PATH: {way_out}")
    said = runner([go, "env", "GOVERSION", "GOTOOLCHAIN"], env=places.environ).output.split()
    version, toolchain = [*said, "", ""][:2]
    fetches = (parse_version(version) or (0, 0, 0)) >= (1, 21, 0) and toolchain != "local"
    if not accepted.holds(version) and not fetches:
        raise ToolchainError(f"{needed} needs Go {accepted}; {go} is {version or 'unknown'}: {way_out}")
    return go
