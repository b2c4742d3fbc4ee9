"""What an earlier update made, and this one removes or changes, no longer counts."""

from tests.corpus.citizens import container, memory

EARLIER = [
    {
        "name": "hog",
        "type": "docker:index/container:Container",
        "inputs": {"name": "shop-hog", "image": "redis:7.2.5", "memory": 20000, "memoryReservation": 20000},
    },
    {
        "name": "cache",
        "type": "docker:index/container:Container",
        "inputs": {"name": "shop-cache", "image": "redis:7.2.5", "memory": 20000, "memoryReservation": 20000},
    },
]

container("cache", **memory(14000))
