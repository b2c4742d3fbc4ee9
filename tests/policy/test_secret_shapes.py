"""Secrets are told by their shape, and what stands for one is none."""

from __future__ import annotations

import time

import pytest
from sutazai_policy.secret_shapes import may_hold, secret_kinds, secret_options

_URL, _HEADER, _LOGIN = "a URL with a password", "a header with a login", "a login"
# Put together here, so that no scanner takes this file for a leak.
_TOKENS = [
    *("AKIA" + "A1" * 8, "ASIA" + "A1" * 8),
    *(f"gh{letter}_" + "a1" * 18 for letter in "opsur"),
    "github_pat_" + "a1" * 11,
    *(f"gl{kind}-" + "a1" * 10 for kind in ("pat", "ptt", "rt", "dt")),
    *(f"xox{letter}-" + "a1" * 5 for letter in "abeoprs"),
    *("sk-" + "a1" * 10, "sk-ant-" + "a1" * 8),
    *(f"{kind}_{mode}_" + "a1" * 8 for kind in ("sk", "rk") for mode in ("live", "test")),
    *("AIza" + "a1" * 17 + "a", "ya29." + "a1" * 10),
    *("hf_" + "a1" * 15, "npm_" + "a1" * 18, "pypi-" + "a1" * 8, "dckr_pat_" + "a1" * 10),
    *(f"do{letter}_v1_" + "a1" * 20 for letter in "opr"),
    *(f"hv{letter}." + "a1" * 10 for letter in "sbr"),
    *("pul-" + "a1" * 20, "SG." + "a1" * 8 + "." + "a1" * 8, "12345678:AA" + "a1" * 16 + "a"),
    "eyJ" + "a1" * 4 + ".eyJ" + "a1" * 4 + ".",
]
_KEYS = [
    "-----BEGIN PRIVATE KEY-----",
    "-----BEGIN RSA PRIVATE KEY-----",
    "-----BEGIN PGP PRIVATE KEY BLOCK-----",
    "AGE-SECRET-KEY-1QQ",
    "PuTTY-User-Key-File-3",
]


def _both(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return secret_kinds(text, in_shell=True), secret_kinds(text, in_shell=False)


@pytest.mark.parametrize("token", _TOKENS)
@pytest.mark.parametrize("around", ["{}", "x={}", '["{}"]', "-{}"])
def test_a_token_is_known_by_its_beginning(token: str, around: str) -> None:
    assert _both(around.format(token)) == (("a token",), ("a token",))


@pytest.mark.parametrize("token", _TOKENS)
def test_what_is_shorter_or_inside_a_word_is_no_token(token: str) -> None:
    assert _both(token[:-1]) == ((), ())
    assert _both(f"x{token}") == ((), ())


@pytest.mark.parametrize("key", _KEYS)
def test_a_private_key_is_known_by_its_head(key: str) -> None:
    assert _both(f"x\n{key}\n") == (("a private key",), ("a private key",))


@pytest.mark.parametrize("key", ["-----BEGIN PUBLIC KEY-----", "-----BEGIN CERTIFICATE-----", "BEGIN PRIVATE KEY"])
def test_another_head_is_of_no_private_key(key: str) -> None:
    assert _both(key) == ((), ())


@pytest.mark.parametrize(
    "url",
    [
        "postgres://u:hunter2@db/x",
        "redis://:hunter2@redis:6379",
        "http://u:12345@h",
        "amqp://u:p/a:s@h",
        "redis://a:6379 redis://u:p@b",
        "http://u:p@ss@h",
        "http://u:$ecret!@h",
        "http://u:123456/@h",
    ],
)
def test_a_url_with_a_password_is_one(url: str) -> None:
    assert _both(url) == ((_URL,), (_URL,))


@pytest.mark.parametrize(
    "url",
    [
        "http://backend:8000",
        "http://backend:8000/a@b",
        "http://u:12/x@h",
        "http://backend:8000?mail=a@b",
        "http://backend:8000#a@b",
        "http://a:80,mail@b",
        "postgres://user@db:5432/x",
        "http://h/x:y@z",
        "user:hunter2@h",
        "http://u:${PASSWORD}@h",
        "http://u:@h",
    ],
)
def test_a_url_without_a_password_is_none(url: str) -> None:
    assert _both(url) == ((), ())


@pytest.mark.parametrize("password", ["$PASSWORD", "$pw1", "$(pass)", "`pass`"])
def test_a_shell_puts_a_password_into_a_url(password: str) -> None:
    assert _both(f"http://u:{password}@h") == ((), (_URL,))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("curl -H 'Authorization: Bearer hunter2'", _HEADER),
        ("authorization=basic abc", _HEADER),
        ("AUTHORIZATION:Token abc", _HEADER),
        ("CMD\ncurl\n-u\nadmin:hunter2\nhttp://h", _LOGIN),
        ("curl -s --user admin:hunter2", _LOGIN),
        ("curl --user=admin:hunter2", _LOGIN),
        ("curl -uadmin:hunter2", _LOGIN),
        ("curl http://u:p@h", _URL),
    ],
)
def test_a_request_with_a_login_is_one(text: str, kind: str) -> None:
    assert _both(text) == ((kind,), (kind,))


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer",
        "Authorization: none x",
        "Authorization: Bearer ${TOKEN}",
        "curl -u admin",
        "curl -u 1000:1000",
        "curl -u admin:${PASSWORD}",
        "curl; x -u a:b",
        "curl | x -u a:b",
        "curl & x -u a:b",
        "gosu -u admin:x",
        "xcurl -u admin:x",
    ],
)
def test_a_request_without_a_login_is_none(text: str) -> None:
    assert _both(text) == ((), ())


def test_a_shell_puts_a_login_into_a_request() -> None:
    text = """curl -H "Authorization: Bearer $TOKEN" -u "admin:$PASSWORD" """

    assert secret_kinds(text, in_shell=True) == ()
    assert secret_kinds(text, in_shell=False) == (_HEADER,)


def test_one_that_stands_for_a_secret_hides_no_other() -> None:
    text = "http://u:$PASSWORD@h http://u:hunter2@h"

    assert secret_kinds(text, in_shell=True) == (_URL,)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("--password hunter2", ["password"]),
        ("--db-password=hunter2", ["db-password"]),
        ("-password hunter2", ["password"]),
        ("redis-server\n--requirepass\nhunter2", ["requirepass"]),
        ("echo 'requirepass hunter2'", ["requirepass"]),
        ("masterauth hunter2", ["masterauth"]),
        ("x --a.token  hunter2 --a.token y", ["a.token"]),
        ("--token x --password y", ["token", "password"]),
        ("PGPASSWORD=hunter2 psql", ["PGPASSWORD"]),
        ("host=db password = hunter2", ["password"]),
        ("a;AccountKey=abc==;b", ["AccountKey"]),
        ("http://h/?token=abc&x=y", ["token"]),
        ('{"password" : "hunter2"}', ["password"]),
        ("--pass=hunter2", []),
        ("--pass any", []),
        ("--user-pass any", ["user-pass"]),
    ],
)
def test_an_option_that_is_a_secret_is_named(text: str, names: list[str]) -> None:
    assert secret_options(text, in_shell=True) == tuple(names)
    assert secret_options(text, in_shell=False) == tuple(names)


@pytest.mark.parametrize(
    "text",
    [
        "--password",
        "--password --host x",
        "--password -h",
        "password hunter2",
        "my-requirepass hunter2",
        "x--password hunter2",
        "--password-file hunter2",
        "--token-path=hunter2",
        "--password /run/secrets/x",
        "--private-key=/run/secrets/x",
        "--password=",
        '--password=""',
        "--password ''",
        "--password=${PASSWORD}",
        '--password="${PASSWORD:-x}"',
        "--password_encryption=scram",
        "--tokens 5",
        "[[ $password == x ]]",
        '{"password": ""}',
        '{"password": 5}',
        '"password": null',
    ],
)
def test_an_option_without_a_secret_is_not(text: str) -> None:
    assert secret_options(text, in_shell=True) == ()
    assert secret_options(text, in_shell=False) == ()


@pytest.mark.parametrize("value", ["$PASSWORD", '"$PASSWORD"', "$(cat", "`cat"])
@pytest.mark.parametrize("option", ["--password {}", "PASSWORD={}"])
def test_a_shell_puts_a_secret_into_an_option(option: str, value: str) -> None:
    text = option.format(value)

    assert secret_options(text, in_shell=True) == ()
    assert len(secret_options(text, in_shell=False)) == 1


@pytest.mark.parametrize("text", [*_TOKENS, *_KEYS, "a://u:p@h", "Authorization: x", "CURL -u a:b", "--ToKeN x"])
def test_whatever_holds_a_secret_is_worth_a_look(text: str) -> None:
    assert may_hold(text) is True


@pytest.mark.parametrize("text", ["", "http://backend:8000", "a@b", "LOG_LEVEL=info", "CMD\nprobe"])
def test_most_texts_are_not(text: str) -> None:
    assert may_hold(text) is False


@pytest.mark.parametrize(
    "part",
    [
        "://:x",
        "eyJ-",
        "eyJaaaaaaaa.",
        "a-",
        "curl ",
        "--password=",
        "Authorization:",
        '"a" : ',
        "a" * 99,
        "-----BEGIN ",
    ],
)
def test_no_text_takes_long(part: str) -> None:
    text = part * (100_000 // len(part))

    start = time.process_time()
    secret_kinds(text, in_shell=True)
    secret_options(text, in_shell=True)

    assert time.process_time() - start < 2
