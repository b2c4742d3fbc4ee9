"""Frozen values: core sets, quantities, host, catalogue, settings, plan and errors. Imports no Pulumi."""
