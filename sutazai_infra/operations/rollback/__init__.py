"""Going back: the program, catalogue and settings of an earlier update put in force again, as an update of its own."""
