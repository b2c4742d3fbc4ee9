"""An ML service on all of the host's usable cores."""

from tests.corpus.citizens import container

EXPECT = {"rule": "exclusive-cores", "who": "embedder", "says": "2-7"}

container("embedder", "ml", cpu_set="2-11")
