"""PostgreSQL's SCRAM-SHA-256 verifiers (RFC 5803): what a server keeps of a password, made on this side.

So a server is told a new password without hearing it, and a person can be told which of two is in force without
either being sent anywhere.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from base64 import b64decode, b64encode

__all__ = ["is_verifier_of", "verifier"]

ITERATIONS = 4096  # PostgreSQL's own
_SALT_BYTES = 16
_FORM = re.compile(r"SCRAM-SHA-256\$(\d+):([A-Za-z0-9+/=]+)\$[A-Za-z0-9+/=]+:[A-Za-z0-9+/=]+")


def verifier(password: str, salt: bytes | None = None, iterations: int = ITERATIONS) -> str:
    """Make a verifier of a password in plain ASCII, which needs no normalising; raises `UnicodeEncodeError`."""
    salt = secrets.token_bytes(_SALT_BYTES) if salt is None else salt
    salted = hashlib.pbkdf2_hmac("sha256", password.encode("ascii"), salt, iterations)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    return f"SCRAM-SHA-256${iterations}:{_text(salt)}${_text(stored)}:{_text(server)}"


def is_verifier_of(text: str, password: str) -> bool:
    """Whether a server that keeps this verifier lets this password in."""
    found = _FORM.fullmatch(text)
    if found is None:
        return False
    return hmac.compare_digest(verifier(password, b64decode(found[2]), int(found[1])), text)


def _text(data: bytes) -> str:
    return b64encode(data).decode()
