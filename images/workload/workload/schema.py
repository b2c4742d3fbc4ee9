"""The tables, made when a connection is opened; to make them again changes nothing."""

from __future__ import annotations

__all__ = ["LOCK", "READY", "SCHEMA"]

# Two backends that start at once must not both create the same table: one waits for the other.
LOCK = "SELECT pg_advisory_xact_lock(hashtext('sutazai-workload-schema'))"

# The newest piece of the schema stands for all of it: to add columns again, even to no effect, locks the tables.
READY = "SELECT to_regclass('tasks_idempotency') IS NOT NULL AS ready"

SCHEMA = """
CREATE TABLE IF NOT EXISTS tasks (
    id uuid PRIMARY KEY,
    type text NOT NULL,
    payload jsonb NOT NULL,
    status text NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'running', 'done', 'failed')),
    attempts integer NOT NULL DEFAULT 0,
    agent text,
    result jsonb,
    error text,
    created_at timestamptz NOT NULL DEFAULT now(),
    claimed_at timestamptz,
    deadline timestamptz,
    finished_at timestamptz
);
ALTER TABLE tasks ADD COLUMN IF NOT EXISTS idempotency_key text;
CREATE INDEX IF NOT EXISTS tasks_open ON tasks (type, created_at) WHERE status = 'queued';
CREATE INDEX IF NOT EXISTS tasks_claimed ON tasks (deadline) WHERE status = 'running';
CREATE INDEX IF NOT EXISTS tasks_recent ON tasks (created_at DESC);
CREATE INDEX IF NOT EXISTS tasks_ended ON tasks (finished_at) WHERE finished_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS agents (
    name text PRIMARY KEY,
    type text NOT NULL,
    role text NOT NULL,
    status text NOT NULL DEFAULT 'active',
    registered_at timestamptz NOT NULL DEFAULT now(),
    last_heartbeat timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE agents ADD COLUMN IF NOT EXISTS heartbeat_seconds double precision;
CREATE UNIQUE INDEX IF NOT EXISTS tasks_idempotency ON tasks (idempotency_key);
"""
