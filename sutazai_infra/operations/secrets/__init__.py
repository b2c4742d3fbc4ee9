"""Secrets of a deployed stack: what there is, and how a value is exchanged for another."""
