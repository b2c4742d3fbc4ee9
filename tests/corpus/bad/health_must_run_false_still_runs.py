"""A job that is started runs: that Pulumi doesn't wait for it makes no difference."""

from tests.corpus.citizens import container

EXPECT = {"rule": "health-check", "who": "job", "says": "healthcheck"}

container("job", must_run=False, restart="no", max_retry_count=None, healthcheck=None, replaces_on=None)
