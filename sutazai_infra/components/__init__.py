"""Component resources: the only room that imports pulumi_docker."""
