"""More bytes than any machine has; the sum has to be a sum still."""

from tests.corpus.citizens import container, memory

EXPECT = {"rule": "host-budget", "who": "hog", "says": "9007199254740992"}

container("hog", **memory(9007199254740992))
