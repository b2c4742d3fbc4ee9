"""As much of a Docker engine as the builder asks for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from docker.errors import APIError, ImageNotFound


@dataclass
class FakeEngine:
    """Is client, `client.api` and `client.images` at once."""

    tags: list[str] = field(default_factory=list)
    log: list[dict[str, str]] = field(default_factory=lambda: [{"stream": "Step 1/1 : FROM x\n"}])
    built: list[dict[str, Any]] = field(default_factory=list)
    imported: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    refusal: APIError | None = None
    in_use: set[str] = field(default_factory=set)
    registry: Exception | None = None
    asked_with_timeout: list[float] = field(default_factory=list)
    timeout: float = 60

    @property
    def api(self) -> FakeEngine:
        return self

    def images(self) -> list[dict[str, Any]]:
        return [{"Created": number, "RepoTags": [tag]} for number, tag in enumerate(self.tags)]

    def build(self, **options: Any) -> Iterator[dict[str, str]]:
        if self.refusal is not None:
            raise self.refusal
        self.built.append(options)
        self.tags.append(options["tag"])
        yield from self.log

    def remove_image(self, ref: str) -> None:
        if ref in self.in_use:
            raise APIError(f"conflict: {ref} is used by a container")
        self.tags.remove(ref)
        self.removed.append(ref)

    def import_image_from_file(self, _file: str, repository: str, tag: str, changes: list[str]) -> None:
        assert any(change.startswith("ENV PATH=") for change in changes)
        self.imported.append(f"{repository}:{tag}")
        self.tags.append(f"{repository}:{tag}")


class FakeImages:
    """`client.images`, where `FakeEngine.images` is taken by `client.api.images()`."""

    def __init__(self, engine: FakeEngine) -> None:
        self._engine = engine

    def get(self, name: str) -> None:
        if name not in self._engine.tags:
            raise ImageNotFound(name)

    def get_registry_data(self, _name: str) -> None:
        self._engine.asked_with_timeout.append(self._engine.timeout)
        if self._engine.registry is not None:
            raise self._engine.registry

    def pull(self, name: str) -> None:
        self._engine.tags.append(name)

    def prune(self, filters: dict[str, str | bool]) -> None:
        assert filters["dangling"]
        assert "label" in filters
        assert "until" in filters


class FakeClient:
    """A `docker.DockerClient` over a `FakeEngine`."""

    def __init__(self, engine: FakeEngine) -> None:
        self.api = engine
        self.images = FakeImages(engine)
