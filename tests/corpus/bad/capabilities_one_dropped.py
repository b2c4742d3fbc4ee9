"""One is dropped, thirteen stay."""

from tests.corpus.citizens import container

EXPECT = {"rule": "capabilities", "who": "redis", "says": "ALL"}

container("redis", capabilities={"drops": ["NET_RAW"]})
