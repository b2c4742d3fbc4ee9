"""A harmless name, and a token that anybody knows by its look."""

from tests.corpus.citizens import container

EXPECT = {
    "rule": "env-secrets",
    "who": "agent",
    "says": "GREETING",
    "hides": "abcdefghijklmnopqrstuvwxyz0123456789",
}

container("agent", "agents", envs=["GREETING=ghp_abcdefghijklmnopqrstuvwxyz0123456789"])
