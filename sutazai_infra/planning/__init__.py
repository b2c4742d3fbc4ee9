"""Pure functions from catalogue, host and settings to a plan. Imports the model only."""
