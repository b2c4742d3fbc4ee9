"""Turns a Docker host's cores and memory into a budget that every container is declared against."""
