"""Another host's provider that nothing uses."""

import pulumi_docker as docker

from tests.corpus.citizens import container

docker.Provider("elsewhere", host="tcp://10.0.0.9:2375")
container("cache")
