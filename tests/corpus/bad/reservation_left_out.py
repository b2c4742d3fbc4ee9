"""Nothing is kept for it."""

from tests.corpus.citizens import container

EXPECT = {"rule": "memory-reservation", "who": "redis", "says": "memoryReservation"}

container("redis", memory_reservation=None)
