"""Key figures of a stack over a window, and what the strategy wants of them."""
