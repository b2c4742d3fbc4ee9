"""What an image is made of, read from `images/<name>/`, and the reference that follows from it.

Pure but for reading files. A reference is the hash of content alone (paths, bytes, executable bits, the
references of the images it is built on): two checkouts agree, and only a changed source makes a new one.
Deliberately not part of it: what Debian's archive holds on the day of the build.
"""

from __future__ import annotations

import hashlib
import io
import re
import stat
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sutazai_infra.model.errors import SutazaiError

__all__ = [
    "MACHINE",
    "PREFIX",
    "ImageError",
    "ImageSource",
    "build_order",
    "context_tar",
    "image_refs",
    "load_sources",
    "refs_of",
]

PREFIX = "sutazai/"
# A folder of the context that holds what is this machine's own; see `machine`.
MACHINE = ".machine"
_IGNORED = {"__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache"}
_FROM = re.compile(r"^[ \t]*FROM[ \t]+(?:--platform=\S+[ \t]+)?(\S+)(?:[ \t]+AS[ \t]+(\S+))?", re.I | re.M)
_COPIES_MACHINE = re.compile(
    r"^[ \t]*(?:COPY|ADD)[ \t]+(?!--from)(?:.*[ \t])?\.(?:machine\S*|/?)[ \t]", re.I | re.M
)
_COPY_FROM = re.compile(r"--from=(\S+)")
_OWN = re.compile(rf"{PREFIX}([a-z0-9]+(?:-[a-z0-9]+)*)")
_OWN_USED = re.compile(rf"(^[ \t]*FROM[ \t]+(?:--platform=\S+[ \t]+)?|--from=){_OWN.pattern}(?=\s|$)", re.I | re.M)

# The folder comes last: a change of an agent's code makes one small layer.
# Compiled here, as nothing can be written at run time; what isn't Python ends the build.
_FOLDER = """\
COPY folder /app
USER root
RUN python3 -m compileall -q --invalidation-mode unchecked-hash /app
USER 10001:10001
"""
_AGENT = f"""\
FROM sutazai/agent
{_FOLDER}"""
_AGENT_WITH_PACKAGES = f"""\
FROM debian:bookworm-slim AS packages
LABEL sutazai.stage=packages
RUN apt-get update && apt-get install -y --no-install-recommends python3-pip
COPY .machine /.machine
COPY folder/requirements.txt /requirements.txt
RUN PIP_CONFIG_FILE=/.machine/pip.conf \
    python3 -m pip install --no-cache-dir --no-compile --target /opt/packages -r /requirements.txt \
    && python3 -m compileall -q --invalidation-mode unchecked-hash /opt/packages
FROM sutazai/agent
COPY --from=packages /opt/packages /opt/packages
{_FOLDER}"""


class ImageError(SutazaiError):
    """An image that can't be described, found or built."""


@dataclass(frozen=True)
class ContextFile:
    """One file of a build context."""

    path: str
    content: bytes
    executable: bool


@dataclass(frozen=True)
class ImageSource:
    """An image's folder: its files (the Dockerfile among them), and what it is built on."""

    name: str
    files: tuple[ContextFile, ...]
    own_bases: tuple[str, ...]
    external_bases: tuple[str, ...]

    @property
    def dockerfile(self) -> str:
        """The text of the Dockerfile, its bases still without references."""
        return next(file.content for file in self.files if file.path == "Dockerfile").decode()

    @property
    def wants_machine(self) -> bool:
        """Whether a stage copies what is this machine's own."""
        return MACHINE in self.dockerfile

    def final_base(self, refs: Mapping[str, str]) -> str:
        """Name the image that the last stage stands on, its reference included."""
        base = [match[1] for match in _FROM.finditer(self.dockerfile)][-1]
        own = _OWN.fullmatch(base)
        return refs[own[1]] if own else base


def image_refs(images_dir: Path) -> dict[str, str]:
    """Every image of `images_dir` by name, with its reference `sutazai/<name>:<12 hex digits>`."""
    return refs_of(load_sources(images_dir))


def refs_of(sources: Mapping[str, ImageSource]) -> dict[str, str]:
    """Name the reference of each source, by name."""
    refs: dict[str, str] = {}
    for name in build_order(sources, sources):
        refs[name] = f"{PREFIX}{name}:{_digest(_pinned(sources[name], refs))}"
    return dict(sorted(refs.items()))


def load_sources(images_dir: Path) -> dict[str, ImageSource]:
    """Read all images; raises `ImageError` for a folder that is absent or a base that can't be pinned."""
    if not images_dir.is_dir():
        raise ImageError(f"{images_dir}: no such folder; name the one that holds images/<name>/Dockerfile")
    folders = sorted(path.parent for path in images_dir.glob("*/Dockerfile"))
    return {folder.name: _load(folder) for folder in folders} | _agents(images_dir.parent / "agents")


def build_order(sources: Mapping[str, ImageSource], names: Iterable[str]) -> list[str]:
    """`names` and all that they are built on, each after its bases."""
    order: list[str] = []
    for name in names:
        _visit(sources, name, order, ())
    return order


def context_tar(source: ImageSource, refs: Mapping[str, str], machine: Iterable[ContextFile] = ()) -> io.BytesIO:
    """Pack the build context as the engine takes it, with every own base pinned to its reference.

    Files of the `machine` come on top; they are no part of the reference.
    """
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for file in (*_pinned(source, refs), *machine):
            info = tarfile.TarInfo(file.path)
            info.size = len(file.content)
            info.mode = 0o755 if file.executable else 0o644
            archive.addfile(info, io.BytesIO(file.content))
    buffer.seek(0)
    return buffer


def _digest(files: Iterable[ContextFile]) -> str:
    digest = hashlib.sha256()
    for file in files:
        # Lengths keep two different sets of files from giving the same stream of bytes.
        head = f"{file.path}\0{int(file.executable)}\0{len(file.content)}\0"
        digest.update(head.encode())
        digest.update(file.content)
    return digest.hexdigest()[:12]


def _pinned(source: ImageSource, refs: Mapping[str, str]) -> list[ContextFile]:
    text = _OWN_USED.sub(lambda found: found[1] + refs[found[2]], source.dockerfile)
    return [
        ContextFile(file.path, text.encode(), executable=False) if file.path == "Dockerfile" else file
        for file in source.files
    ]


def _load(folder: Path) -> ImageSource:
    files = tuple(sorted(_files(folder), key=lambda file: file.path))
    text = (folder / "Dockerfile").read_text()
    bases = _bases(text)
    own = [match[1] for base in bases if (match := _OWN.fullmatch(base))]
    external = [base for base in bases if not _OWN.fullmatch(base)]
    for base in external:
        if base.startswith(PREFIX) or "$" in base:
            where = f"{folder.name}/Dockerfile"
            raise ImageError(f"{where}: {base} can't be pinned; write the plain name, as in {PREFIX}python")
    if _COPIES_MACHINE.search(text, [found.end() for found in _FROM.finditer(text)][-1]) and MACHINE in text:
        problem = f"the last stage copies {MACHINE}, which holds what is this machine's own"
        raise ImageError(
            f"{folder.name}/Dockerfile: {problem}; copy it in a stage before, and only what came of it"
        )
    return ImageSource(folder.name, files, tuple(own), tuple(external))


def _agents(folder: Path) -> dict[str, ImageSource]:
    """Make a thin image of each agent's folder, on the shared one: `agents/NAME` is the image `agent-NAME`."""
    modules = sorted({*folder.glob("*/app.py"), *folder.glob("*/app/__init__.py")})
    found = {module.relative_to(folder).parts[0] for module in modules}
    return {f"agent-{name}": _agent(folder / name) for name in sorted(found)}


def _agent(folder: Path) -> ImageSource:
    files = {file.path: file for file in _files(folder)}
    text = _AGENT_WITH_PACKAGES if "requirements.txt" in files else _AGENT
    inside = [ContextFile(f"folder/{path}", file.content, file.executable) for path, file in sorted(files.items())]
    dockerfile = ContextFile("Dockerfile", text.encode(), executable=False)
    external = tuple(base for base in _bases(text) if not _OWN.fullmatch(base))
    return ImageSource(f"agent-{folder.name}", (dockerfile, *inside), ("agent",), external)


def _files(folder: Path) -> Iterable[ContextFile]:
    for path in folder.rglob("*"):
        inside = path.relative_to(folder)
        if path.is_symlink():
            raise ImageError(f"{folder.name}/{inside}: a link in a build context; put the file itself there")
        if path.is_file() and not _IGNORED.intersection(inside.parts) and path.suffix != ".pyc":
            executable = bool(path.stat().st_mode & stat.S_IXUSR)
            yield ContextFile(inside.as_posix(), path.read_bytes(), executable)


def _bases(text: str) -> list[str]:
    stages = {match[2].lower() for match in _FROM.finditer(text) if match[2]}
    named = [match[1] for match in (*_FROM.finditer(text), *_COPY_FROM.finditer(text))]
    known = stages | {"scratch"}
    return sorted({base for base in named if base.lower() not in known and not base.isdigit()})


def _visit(sources: Mapping[str, ImageSource], name: str, order: list[str], path: tuple[str, ...]) -> None:
    if name in order:
        return
    if name in path:
        raise ImageError(f"images {' -> '.join((*path, name))}: an image can't be built on itself")
    if name not in sources:
        wanted = f", which {path[-1]} is built on" if path else ""
        raise ImageError(f"image {name}{wanted}: no such folder; there are {', '.join(sorted(sources))}")
    for base in sources[name].own_bases:
        _visit(sources, base, order, (*path, name))
    order.append(name)
