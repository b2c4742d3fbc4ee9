"""Which Pulumi CLI and language host this machine runs: the user's own, a downloaded one, or a built one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from tools.toolchain import gobuild, official
from tools.toolchain.pins import Pins
from tools.toolchain.places import Places
from tools.toolchain.progress import say
from tools.toolchain.run import Runner, run


@dataclass(frozen=True)
class Choice:
    """The programs to use, and what to put on PATH for them."""

    cli: Path
    langhost: Path
    origin: str  # "path", "downloaded" or "built"

    def path_entries(self) -> list[Path]:
        """List what is missing on PATH: nothing for a CLI that is there, with its host."""
        wanted = [self.langhost.parent] if self.origin == "path" else [self.cli.parent, self.langhost.parent]
        ours = self.origin != "path" or self.langhost.parent != self.cli.parent
        return list(dict.fromkeys(wanted)) if ours else []

    def home(self, places: Places) -> Path:
        """Keep PULUMI_HOME where it is set or the CLI is the user's (a login stays); else use the cache."""
        if chosen := places.environ.get("PULUMI_HOME"):
            return Path(chosen)
        if self.origin == "path":
            return Path(places.environ.get("HOME") or Path.home()) / ".pulumi"
        return places.cache / "home"


def find(pins: Pins, places: Places, runner: Runner = run) -> Choice:
    """Choose, whether or not the programs are there yet. Fast: it starts no program that it knows."""
    own = on_path(pins, places, runner)
    if own:
        host = places.on_path(pins.langhost.binary) or beside(own, pins)
        return Choice(own, host or places.built(pins.langhost), "path")
    downloaded = places.official(pins.pulumi_official)
    if downloaded.is_file():
        return Choice(downloaded, downloaded.with_name(pins.langhost.binary), "downloaded")
    bundle = places.bundle(pins)
    return Choice(bundle, bundle.with_name(pins.langhost.binary), "built")


def ensure(pins: Pins, places: Places, *, retry: bool = False) -> Choice:
    """Choose, with its programs in place. A retry asks for the official release, though a build is there."""
    choice = find(pins, places)
    if choice.origin == "built" and (retry or not choice.cli.is_file()) and official.get_cli(pins, places):
        choice = find(pins, places)
    for build, path in ((pins.cli, choice.cli), (pins.langhost, choice.langhost)):
        if not path.is_file():
            place(gobuild.build(build, pins, places), path)
    return choice


def place(built: Path, path: Path) -> None:
    """Give a built program a second name, without a second copy of it."""
    if built != path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.hardlink_to(built)


def on_path(pins: Pins, places: Places, runner: Runner = run) -> Path | None:
    """Find the user's own CLI, if its version is accepted."""
    found = places.on_path("pulumi")
    if found is None:
        return None
    version = version_of(found, places, runner)
    if pins.pulumi.holds(version):
        return found
    say(f"{found} is {version or 'of unknown version'}, not {pins.pulumi}: this project uses another one")
    return None


def beside(cli: Path, pins: Pins) -> Path | None:
    """Find the host of a release: it lies beside the CLI, to which PATH may hold no more than a link."""
    host = cli.resolve().with_name(pins.langhost.binary)
    return host if host.is_file() else None


def version_of(cli: Path, places: Places, runner: Runner) -> str:
    """Ask a CLI for its version, once for as long as its file stays the same: the start takes a while."""
    state = cli.resolve().stat()
    key = f"{cli.resolve()} {state.st_mtime_ns} {state.st_size}"
    note = places.cache / "path-version.json"
    try:
        known = json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        known = {}
    if known.get("key") == key:
        return str(known.get("version"))
    environ = dict(places.environ) | {"PULUMI_SKIP_UPDATE_CHECK": "1"}
    result = runner([cli, "version"], env=environ, timeout=20)
    version = result.output.strip().splitlines()[-1] if result.code == 0 and result.output.strip() else ""
    if version:
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text(json.dumps({"key": key, "version": version}), encoding="utf-8")
    return version
