"""The whole list of variables is a secret of Pulumi's."""

import pulumi

from tests.corpus.citizens import container

EXPECT = {"rule": "env-secrets", "who": "backend", "says": "secret", "hides": "correct-horse-battery"}

container("backend", envs=pulumi.Output.secret(["SEED=correct-horse-battery"]))
