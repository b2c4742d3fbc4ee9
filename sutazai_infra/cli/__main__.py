"""`python -m sutazai_infra.cli`: the command, where no script of it is installed."""

from sutazai_infra.cli.app import main

raise SystemExit(main())
