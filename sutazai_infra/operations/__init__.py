"""Effects on a live stack and on the host below it, one package a concern."""
