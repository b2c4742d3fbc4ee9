"""A read-only root file system with room in memory, by both properties; the label holds what replaces on."""

from tests.corpus.citizens import container

container("cache", tmpfs={"/tmp": "rw,noexec,nosuid,size=16m"}, replaces_on="b9aafc20881f")
container(
    "search", mounts=[{"type": "tmpfs", "target": "/tmp", "tmpfs_options": {"size_bytes": 16777216, "mode": 1777}}]
)
