"""What comes from outside: the catalogue's files, read and validated into the model's values."""
