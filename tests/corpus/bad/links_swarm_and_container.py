"""A Swarm service of the pool infrastructure joins the ML services' network."""

from tests.corpus.citizens import container, network, service

EXPECT = {"rule": "pool-links", "who": "crowd", "says": "no link allows it"}

container("embedder", "ml")
service("crowd", task={"networks_advanceds": [{"name": network("ml").name}]})
