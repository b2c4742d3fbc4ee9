"""The same in lower case."""

from tests.corpus.citizens import container

EXPECT = {"rule": "env-secrets", "who": "backend", "says": "api_key", "hides": "0123456789abcdef"}

container("backend", envs=["api_key=0123456789abcdef"])
