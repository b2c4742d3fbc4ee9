"""A job that needs no network has none."""

from tests.corpus.citizens import container

container("importer", network_mode="none", networks_advanced=None)
