"""The service's labels say infrastructure, its containers' say ml: one of the two lies."""

from tests.corpus.citizens import service

EXPECT = {"rule": "required-labels", "who": "redis", "says": ["sutazai.pool", "twice"]}

service(
    "redis",
    spec={"labels": [{"label": "sutazai.tier", "value": "3"}, {"label": "sutazai.pool", "value": "ml"}]},
)
