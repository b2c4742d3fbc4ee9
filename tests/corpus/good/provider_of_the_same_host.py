"""Two providers by name, and one host."""

import pulumi
import pulumi_docker as docker

from tests.corpus.citizens import container

here = pulumi.ResourceOptions(provider=docker.Provider("here", host="unix:///var/run/docker.sock"))
here_too = pulumi.ResourceOptions(provider=docker.Provider("here-too", host="unix:///var/run/docker.sock"))
docker.Network("net", name="shop-net", driver="bridge", opts=here)
container("cache", networks_advanced=[{"name": "shop-net"}], opts=here)
container("backend", networks_advanced=[{"name": "shop-net"}], opts=here_too)
