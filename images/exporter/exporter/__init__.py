"""Metrics of a stack's containers and of its plan; reads the engine through a proxy, and changes nothing."""
