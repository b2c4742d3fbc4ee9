"""`python -m sutazai_infra` is `sutazai`."""

import sys

from sutazai_infra.cli.app import main

sys.exit(main())
