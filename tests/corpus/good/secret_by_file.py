"""Passwords are in files; what only sounds like one is none."""

from tests.corpus.citizens import container, volume

secrets = volume("secrets")
container(
    "ledger",
    image="postgres:16.4",
    envs=[
        "POSTGRES_PASSWORD_FILE=/run/secrets/ledger",
        "DATABASE__PASSWORD__FILE=/run/secrets/ledger",
        "POSTGRES_PASSWORD=",
        "TOKENIZERS_PARALLELISM=false",
        "DATABASE_URL=postgres://shop@shop-ledger:5432/shop",
    ],
    volumes=[{"volume_name": secrets.name, "container_path": "/run/secrets", "read_only": True}],
)
