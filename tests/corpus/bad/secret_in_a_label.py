"""Labels are read by anybody."""

from tests.corpus.citizens import container, labels_of

EXPECT = {"rule": "env-secrets", "who": "backend", "says": "label", "hides": "hunter2hunter2"}

container(
    "backend",
    labels=[
        *labels_of("backend"),
        {"label": "shop.database", "value": "postgres://shop:hunter2hunter2@shop-ledger/shop"},
    ],
)
