"""A cache: the operator said that its data may be lost."""

from tests.corpus.citizens import container, volume

CONFIG = {"volume-protected": {"unprotected": ["shop-*-cache"]}}

data = volume("page-cache", protect=False)
container("cache", volumes=[{"volume_name": data.name, "container_path": "/data"}])
