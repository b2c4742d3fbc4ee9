"""PostgreSQL's clients read it under a name without a `_`."""

from tests.corpus.citizens import container

EXPECT = {"rule": "env-secrets", "who": "reporter", "says": "PGPASSWORD", "hides": "hunter2hunter2"}

container("reporter", envs=["PGPASSWORD=hunter2hunter2"])
