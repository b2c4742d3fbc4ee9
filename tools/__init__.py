"""What the project needs before its own environment exists: nothing here imports a third-party package."""
