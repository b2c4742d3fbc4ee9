"""Numbers as texts: the provider makes numbers of them, so they count."""

from tests.corpus.citizens import container

EXPECT = {"rule": "host-budget", "who": "hog", "says": "memory"}

container("hog", memory="28000", memory_swap="28000", memory_reservation="28000")
