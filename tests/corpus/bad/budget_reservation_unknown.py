"""A reservation that the preview doesn't know can't be added up."""

from tests.corpus.citizens import container, unknown

EXPECT = {"rule": "host-budget", "who": "vague", "says": "memory"}

container("vague", memory_reservation=unknown(64))
