"""The vector store as the backend reaches it: what is stored is found, and outlives the container."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.data_lab import fed
from tests.integration.stack_lab import StackLab, state_of

pytestmark = pytest.mark.engine

# The backend's own environment says where the store is.
_ASKS = """
import json, os, sys, urllib.request
database = os.environ["CHROMADB_URL"] + "/api/v2/tenants/default_tenant/databases/default_database"
method, path = sys.argv[1:]
body = sys.stdin.buffer.read() or None
request = urllib.request.Request(database + path, body, {"Content-Type": "application/json"}, method=method)
sys.stdout.buffer.write(urllib.request.urlopen(request, timeout=20).read())
"""


def ask(lab: StackLab, method: str, path: str, **body: Any) -> Any:
    """Ask the store from within the backend."""
    text = json.dumps(body) if body else ""
    done = fed(lab.container("backend"), ["python3", "-c", _ASKS, method, path], text)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout or "null")


def nearest(lab: StackLab, collection: str, vector: list[float]) -> list[str]:
    answer = ask(lab, "POST", f"/collections/{collection}/query", query_embeddings=[vector], n_results=1)
    return [str(name) for name in answer["ids"][0]]


def test_the_backend_stores_and_finds_vectors_which_outlive_the_container(working: StackLab) -> None:
    made = ask(working, "POST", "/collections", name="kept", get_or_create=True)["id"]
    ids = [f"v{number}" for number in range(50)]
    vectors = [[number, 50.0 - number, 1.0] for number in range(50)]
    ask(working, "POST", f"/collections/{made}/upsert", ids=ids, embeddings=vectors)
    assert nearest(working, made, [7.2, 42.9, 1.0]) == ["v7"]
    before = state_of(working.container("chromadb"))

    urn = next(u for u in urns(working) if u.endswith("docker:index/container:Container::chromadb"))
    working.up("--replace", urn).worked()

    assert state_of(working.container("chromadb"))[0] != before[0]
    assert ask(working, "GET", "/collections/kept")["id"] == made
    assert ask(working, "GET", f"/collections/{made}/count") == 50
    assert nearest(working, made, [41.1, 9.0, 1.0]) == ["v41"]


def urns(lab: StackLab) -> list[str]:
    exported = json.loads(lab.pulumi("stack", "export").worked().output)
    return [str(resource["urn"]) for resource in exported["deployment"]["resources"]]
