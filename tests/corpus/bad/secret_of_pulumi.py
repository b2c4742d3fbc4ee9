"""A secret of Pulumi's under a harmless name: in the state it is encrypted, in the container it is not."""

import pulumi

from tests.corpus.citizens import container

EXPECT = {"rule": "env-secrets", "who": "backend", "says": "secret", "hides": "correct-horse-battery"}

container("backend", envs=["MODE=fast", pulumi.Output.secret("SEED=correct-horse-battery")])
