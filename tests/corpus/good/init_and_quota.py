"""An init process and a quota; the label holds what replaces on, and may hold more behind it."""

from tests.corpus.citizens import container

container("cache", init=True, cpu_period=100000, cpu_quota=50000, replaces_on="436e60686a7a config 7")
