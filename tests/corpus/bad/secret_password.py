"""Whoever may look at the container may read it."""

from tests.corpus.citizens import container

EXPECT = {"rule": "env-secrets", "who": "ledger", "says": "POSTGRES_PASSWORD", "hides": "hunter2hunter2"}

container("ledger", image="postgres:16.4", envs=["POSTGRES_USER=shop", "POSTGRES_PASSWORD=hunter2hunter2"])
