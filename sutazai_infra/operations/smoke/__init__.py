"""Tasks through the gateway while parts of the stack are killed; what became of each."""
