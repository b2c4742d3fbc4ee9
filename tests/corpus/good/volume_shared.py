"""Two services write the uploads, which the operator declared shared."""

from tests.corpus.citizens import container, volume

CONFIG = {"volume-writers": {"shared": ["shop-uploads"]}}

uploads = volume("uploads")
for name in ("backend", "frontend"):
    container(name, volumes=[{"volume_name": uploads.name, "container_path": "/uploads"}])
