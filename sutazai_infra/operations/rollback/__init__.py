"""Going back: an earlier update's program, catalogue and settings in force again, by an update of its own."""
