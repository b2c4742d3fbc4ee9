"""One container on this host, one on another: which budget is it?"""

import pulumi
import pulumi_docker as docker

from tests.corpus.citizens import container

EXPECT = {"rule": "one-host", "who": "agent", "says": "10.0.0.9"}

elsewhere = docker.Provider("elsewhere", host="tcp://10.0.0.9:2375")
container("redis")
container("agent", "agents", opts=pulumi.ResourceOptions(provider=elsewhere))
