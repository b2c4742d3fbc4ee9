"""Two resources, one volume: Docker knows volumes by their name."""

from tests.corpus.citizens import container, volume

EXPECT = {"rule": "volume-writers", "who": "shop-data", "says": ["ledger", "reporter"]}

for name in ("ledger", "reporter"):
    data = volume(f"{name}-data", name="shop-data")
    container(name, volumes=[{"volume_name": data.name, "container_path": "/data"}])
