"""A private key."""

from tests.corpus.citizens import container

EXPECT = {"rule": "env-secrets", "who": "gateway", "says": "TLS", "hides": "MIIEvQIBADANBg"}

key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----"
container("gateway", envs=[f"TLS={key}"])
