"""What became of each update of a stack, kept beside its state: written by `sutazai up`, read by many."""
