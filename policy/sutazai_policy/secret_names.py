"""Whether a name says that its value is a secret: by whole words, so that MAX_TOKENS and KEYBOARD say none."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["is_place", "is_secret", "names_place", "says_secret"]

_WORDS = re.compile(r"[A-Za-z]+")
_HUMPS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_HOLDING = """
    accesskey accesstoken apikey apikeys apitoken authkey authtoken clientsecret credential credentials creds
    encryptionkey masterauth masterkey pass passphrase passphrases passwd password passwords pgpassword privatekey
    pwd requirepass secret secretkey secrets signingkey token
"""
_SECRET = frozenset(_HOLDING.split())
_BEFORE_KEY = "access account api auth deploy encryption license master private shared signing storage"
# Words that say secret with one of the others after them: a public, a primary or a partition key is none.
_BEFORE = frozenset(_BEFORE_KEY.split())
_AFTER = frozenset({"key", "keys", "tokens"})
_WELL_KNOWN = frozenset({"neo4j_auth", "redis_auth", "rediscli_auth"})
_PLACES = ("file", "path")
_PLACE = re.compile(r"/|\.{1,2}/|~/|file:|\$__file\{")


@lru_cache(maxsize=4096)
def says_secret(name: str) -> bool:
    """Whether a variable of that name holds a secret, or something about one."""
    return name.lower() in _WELL_KNOWN or any(
        any(map(_is_secret, words, ["", *words])) and words != ["pwd"] for words in _both(name)
    )


@lru_cache(maxsize=4096)
def is_secret(name: str) -> bool:
    """Whether an option or a label of that name is one: password_encryption only tells how."""
    return name.lower() in _WELL_KNOWN or any(
        _is_secret(words[-1], words[-2] if words[1:] else "") and words != ["pwd"]
        for words in _both(name)
        if words
    )


def _both(name: str) -> tuple[list[str], list[str]]:
    """Return a name's words, with dbPassword as one word and as two."""
    found = (pattern.findall(name) for pattern in (_WORDS, _HUMPS))
    one, two = ([word.lower() for word in words] for words in found)
    return one, two


def _is_secret(word: str, before: str) -> bool:
    return word in _SECRET or (word in _AFTER and before in _BEFORE)


def names_place(name: str) -> bool:
    """Whether a name says that its value is only where a secret is, as in DB_PASSWORD_FILE."""
    return name.lower().endswith(_PLACES) or name == "GOOGLE_APPLICATION_CREDENTIALS"


def is_place(value: str) -> bool:
    """Whether a value is a path: nobody's password begins like one."""
    return _PLACE.match(value) is not None
