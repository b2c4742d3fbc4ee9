"""What a request can be answered with when it isn't answered with what it wanted."""

from __future__ import annotations

__all__ = ["Invalid", "KeyReused", "Problem", "QueueFull", "Unavailable", "Unknown"]


class Problem(Exception):  # noqa: N818 - the word of RFC 9457 for it
    """An expected failure, with the status that HTTP has for it and a text that is fit to be sent."""

    status = 500


class Invalid(Problem):
    """The request itself is wrong; to send it again won't help."""

    status = 400


class Unknown(Problem):
    """There is no such agent, task or path."""

    status = 404


class KeyReused(Problem):
    """An idempotency key that came with another task before."""

    status = 422


class QueueFull(Problem):
    """The queue of this type holds as many tasks as it may."""

    status = 429


class Unavailable(Problem):
    """A part that the answer depends on isn't reached at the moment; to try again later is right."""

    status = 503
