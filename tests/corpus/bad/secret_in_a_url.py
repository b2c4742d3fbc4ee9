"""A harmless name; the password is in the address."""

from tests.corpus.citizens import container

EXPECT = {"rule": "env-secrets", "who": "backend", "says": "DATABASE_URL", "hides": "hunter2hunter2"}

container("backend", envs=["DATABASE_URL=postgres://shop:hunter2hunter2@shop-ledger:5432/shop"])
