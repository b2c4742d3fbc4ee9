"""Snapshots of a stack's data: taken at one moment across all stores, restored beside the old, tried out."""
