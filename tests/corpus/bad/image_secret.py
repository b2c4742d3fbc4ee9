"""The image is a secret of Pulumi's, with a tag that moves."""

import pulumi

from tests.corpus.citizens import container

EXPECT = {"rule": "image-pinned", "who": "redis", "says": "redis"}

container("redis", image=pulumi.Output.secret("redis:latest"))
