"""The gateway may bind low ports inside, as the operator allows; in any spelling."""

from tests.corpus.citizens import container, service

CONFIG = {"capabilities": {"allowed": ["NET_BIND_SERVICE"]}}

container("gateway", cpu_set="2-3", capabilities={"drops": ["ALL"], "adds": ["CAP_NET_BIND_SERVICE"]})
container("proxy", cpu_set="2-3", capabilities={"drops": ["ALL"], "adds": ["NET_BIND_SERVICE"]})
service("balancer", spec={"cap_adds": ["CAP_NET_BIND_SERVICE"]})
