"""Two databases share core 4."""

from tests.corpus.citizens import container

EXPECT = {"rule": "anti-affinity", "who": "postgres", "says": ["neo4j", "4"]}

container("postgres", image="postgres:16.4", cpu_set="2-4")
container("neo4j", image="neo4j:5.20.0", cpu_set="4-5")
