"""A negative reservation must not make room for another's."""

from tests.corpus.citizens import container, memory

EXPECT = {"rule": "memory-reservation", "who": "giver", "says": "memoryReservation"}

container("hog", **memory(14336))
container("giver", memory_reservation=-8192)
container("hog-too", **memory(8192))
