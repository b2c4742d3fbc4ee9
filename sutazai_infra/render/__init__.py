"""Pure functions from a plan to what people and other programs read: tables, drawings, configuration texts."""
