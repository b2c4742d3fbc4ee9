"""Rules for stacks of Docker containers: what they request and may take has to fit the host.

The pack imports nothing of the program that it judges: a shared mistake would blind both.
"""
