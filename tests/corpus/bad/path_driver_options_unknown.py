"""What the volume is made of is known only after the update."""

from tests.corpus.citizens import container, unknown, volume

EXPECT = {"rule": "host-paths", "who": "data", "says": "unknown"}

data = volume("data", driver_opts={"type": "none", "o": "bind", "device": unknown("/etc")})
container("redis", volumes=[{"volume_name": data.name, "container_path": "/data"}])
