"""A name says secret by whole words, however they are written together."""

from __future__ import annotations

import pytest
from sutazai_policy.secret_names import is_place, is_secret, names_place, says_secret

_HOLDING = [
    *("accesskey", "accesstoken", "apikey", "apikeys", "apitoken", "authkey", "authtoken", "clientsecret"),
    *("credential", "credentials", "creds", "encryptionkey", "masterauth", "masterkey", "pass", "passphrase"),
    *("passphrases", "passwd", "password", "passwords", "pgpassword", "privatekey", "requirepass", "secret"),
    *("secretkey", "secrets", "signingkey", "token"),
]
_PAIRS = ["access", "account", "api", "auth", "deploy", "encryption", "license", "master", "private", "shared"]


@pytest.mark.parametrize(
    "name",
    [
        *_HOLDING,
        *(f"{first}_key" for first in [*_PAIRS, "signing", "storage"]),
        "PASSWORD",
        "DB_PASSWORD",
        "DB_PASSWORD1",
        "db.password",
        "db-password",
        " PASSWORD",
        "dbPassword",
        "PaSSWORD",
        "DBPassword",
        "API_KEY",
        "API_KEYS",
        "API_TOKENS",
        "apiKey",
        "APIKey",
        "MYSQL_PWD",
        "NEO4J_AUTH",
        "neo4j_auth",
        "REDIS_AUTH",
        "REDISCLI_AUTH",
    ],
)
def test_a_name_says_secret(name: str) -> None:
    assert says_secret(name) is True
    assert is_secret(name) is True


@pytest.mark.parametrize("name", ["PASSWORD_ENCRYPTION", "TOKEN_TTL", "secretName", "API_KEY_ID", "PWD_X"])
def test_a_name_says_something_about_a_secret(name: str) -> None:
    assert says_secret(name) is True
    assert is_secret(name) is False


@pytest.mark.parametrize(
    "name",
    [
        "",
        "_",
        "1",
        "PWD",
        "OLDPWD",
        "MAX_TOKENS",
        "KEYBOARD",
        "KEY",
        "PUBLIC_KEY",
        "KEY_API",
        "API_MAX_KEY",
        "BYPASS",
        "SECRETARY",
        "TOKENIZERS_PARALLELISM",
        "PASSWORDLESS",
        "AUTHOR",
        "MY_NEO4J_AUTH",
    ],
)
def test_another_name_says_none(name: str) -> None:
    assert says_secret(name) is False
    assert is_secret(name) is False


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("DB_PASSWORD_FILE", True),
        ("GF_ADMIN_PASSWORD__FILE", True),
        ("DB_PASSWORD_PATH", True),
        ("passwordFile", True),
        ("GOOGLE_APPLICATION_CREDENTIALS", True),
        ("FILE_PASSWORD", False),
        ("MY_CREDENTIALS", False),
    ],
)
def test_a_name_says_that_its_value_is_only_the_place(name: str, names: bool) -> None:
    assert names_place(name) is names


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ("/run/secrets/x", True),
        ("./x", True),
        ("../x", True),
        ("~/x", True),
        ("file:///x", True),
        ("$__file{/run/x}", True),
        ("hunter2", False),
        ("a/b", False),
        (".hidden", False),
        (".../x", False),
        ("~x", False),
        ("$__env{X}", False),
        ("", False),
    ],
)
def test_a_path_is_told_from_a_secret(value: str, place: bool) -> None:
    assert is_place(value) is place
