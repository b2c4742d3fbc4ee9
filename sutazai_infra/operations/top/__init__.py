"""A running stack's figures at one moment: cores, budgets, services and work."""
