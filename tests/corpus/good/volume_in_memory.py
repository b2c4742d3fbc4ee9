"""A volume that is a tmpfs: its options name no path of the host."""

from tests.corpus.citizens import container, volume

scratch = volume(
    "scratch", driver="local", driver_opts={"type": "tmpfs", "device": "tmpfs", "o": "size=64m,uid=10001"}
)
container("cache", volumes=[{"volume_name": scratch.name, "container_path": "/scratch"}])
