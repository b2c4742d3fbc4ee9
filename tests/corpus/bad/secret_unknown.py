"""What is in the environment is known only after the update."""

from tests.corpus.citizens import container, unknown

EXPECT = {"rule": "env-secrets", "who": "backend", "says": "unknown"}

container("backend", envs=["MODE=fast", unknown("PASSWORD=hunter2hunter2")])
