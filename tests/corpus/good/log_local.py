"""Drivers that rotate by themselves or send elsewhere, and a log of exactly 100 MiB."""

from tests.corpus.citizens import container

container("cache", log_driver="local", log_opts=None)
container("search", log_driver="journald", log_opts=None)
container("queue", log_driver="none", log_opts=None)
container("backend", log_opts={"max-size": "10m", "max-file": "10"})
