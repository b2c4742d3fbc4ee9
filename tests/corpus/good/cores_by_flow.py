"""Every core is spoken for, and only one way of sharing them out works."""

from tests.corpus.citizens import container

container("first", cpu_set="2-3", cpu_shares=1024)
container("second", cpu_set="3-4", cpu_shares=1024)
container("third", cpu_set="2,4", cpu_shares=1024)
container("fourth", cpu_set="4-6", cpu_shares=1536)
container("fifth", cpu_set="5-7", cpu_shares=1536)
