"""Find, get or build what the project runs on: the Pulumi CLI, its Python host, the Docker provider, Docker.

It runs before the project's environment exists, so it uses the standard library only:
`python3 -m tools.toolchain`.
"""

import sys

# Here, and not in __main__: an old Python must read this line before it meets what it can't parse or import.
if sys.version_info < (3, 11):  # noqa: UP036 - the project's own Python is not yet chosen
    sys.exit(f"toolchain: needs Python 3.11 or newer, and {sys.executable} is {sys.version.split()[0]}")
