"""A password as an option of the entry point."""

from tests.corpus.citizens import container

EXPECT = {"rule": "env-secrets", "who": "backend", "says": "command", "hides": "hunter2hunter2"}

container("backend", entrypoints=["/serve", "--password=hunter2hunter2"])
