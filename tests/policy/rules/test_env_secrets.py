"""No secret is where `docker inspect` shows it; how one is told has tests of its own."""

from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy.rules.env_secrets import RULE

from tests.policy.stacks import (
    SERVICE,
    UNKNOWN,
    Secret,
    Stack,
    labels,
    messages,
    service,
    small_stack,
    violations,
)
from tests.policy.unreadable import HIDDEN, LATER

_WAY_OUT = "put it into a file, and give the program the file's path"
_URL = "postgres://u:hunter2@db/x"


def _redis(**properties: Any) -> Stack:
    return small_stack().change("redis", **properties)


def _env(*variables: Any) -> Stack:
    return _redis(envs=list(variables))


def _label(name: Any, value: Any) -> Stack:
    return _redis(labels=[*labels(service="redis"), {"label": name, "value": value}])


def _worker(**spec: Any) -> Stack:
    worker = service(1, 1, 1)
    worker["taskSpec"]["containerSpec"].update(spec)
    return Stack().add("worker", worker, SERVICE)


@pytest.mark.parametrize(
    "variable",
    [
        "",
        "DB_PASSWORD",
        "DB_PASSWORD=",
        "DB_PASSWORD_FILE=/run/secrets/db",
        "GF_ADMIN_PASSWORD__FILE=/run/secrets/db",
        "TOKEN_PATH=./token",
        "BACKEND_URL=http://backend:8000",
        "MAX_TOKENS=4096",
        "ARGS=--password ${PASSWORD}",
        None,
    ],
)
def test_passes_a_variable_without_a_secret(variable: Any) -> None:
    assert messages(RULE, _env("DB_HOST=db", variable)) == []


@pytest.mark.parametrize(
    "properties",
    [
        {"command": ["psql", "--password=$PASSWORD", "postgres://u:$PASSWORD@db"]},
        {"entrypoints": ["sh", "-c", "exec redis-server --requirepass $(cat /run/secrets/x)"]},
        {"healthcheck": {"tests": ["CMD", "redis-cli", "--user", "probe", "--pass", "any", "ping"]}},
        {"healthcheck": None, "labels": None},
        {"labels": [{"label": "app.token", "value": ""}, {"label": "password_encryption", "value": "scram"}]},
        {"command": Secret([])},
    ],
)
def test_passes_texts_without_a_secret(properties: dict[str, Any]) -> None:
    assert messages(RULE, _redis(**properties)) == []


@pytest.mark.parametrize("name", ["DB_PASSWORD", "API_KEY", "TOKEN_LIMIT", "db_password", "SECRET_FILE"])
def test_refuses_a_variable_whose_name_says_secret(name: str) -> None:
    stack = _env("A=b", f"{name}=hunter2")

    (found,) = violations(RULE, stack)

    assert found.message == f"redis has a value for the env variable {name}: {_WAY_OUT}"
    assert found.urn == stack.urn("redis")


@pytest.mark.parametrize("variable", ["DB_PASSWORD=/hunter2", "DB_PASSWORD_FILE=hunter2"])
def test_refuses_a_place_that_is_not_both_named_and_written_as_one(variable: str) -> None:
    name = variable.partition("=")[0]

    assert messages(RULE, _env(variable)) == [f"redis has a value for the env variable {name}: {_WAY_OUT}"]


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (_URL, "a URL with a password"),
        ("-----BEGIN PRIVATE KEY-----", "a private key"),
        ("--requirepass hunter2", "a value for requirepass"),
        ("http://u:$PASSWORD@h", "a URL with a password"),
        ("--password $PASSWORD", "a value for password"),
    ],
)
def test_refuses_a_secret_in_another_variable(value: str, kind: str) -> None:
    assert messages(RULE, _env(f"X={value}")) == [f"redis has {kind} in its env variable X: {_WAY_OUT}"]


@pytest.mark.parametrize(
    ("properties", "where"),
    [
        ({"command": ["x", _URL, "--token", "hunter2"]}, "command"),
        ({"entrypoints": ["x", _URL, "--token=hunter2"]}, "command"),
        ({"healthcheck": {"tests": ["CMD", "x", _URL, "--token hunter2"]}}, "health test"),
    ],
)
def test_refuses_secrets_in_a_command(properties: dict[str, Any], where: str) -> None:
    assert messages(RULE, _redis(**properties)) == [
        f"redis has a URL with a password in its {where}: {_WAY_OUT}",
        f"redis has a value for token in its {where}: {_WAY_OUT}",
    ]


def test_refuses_secrets_in_labels() -> None:
    assert messages(RULE, _label("app.password", "hunter2")) == [
        f"redis has a value for the label app.password: {_WAY_OUT}"
    ]
    assert messages(RULE, _label("app.database", _URL)) == [
        f"redis has a URL with a password in its label app.database: {_WAY_OUT}"
    ]
    assert messages(RULE, _label("app.database", "http://u:$PASSWORD@h")) == [
        f"redis has a URL with a password in its label app.database: {_WAY_OUT}"
    ]


def test_refuses_secrets_of_a_service() -> None:
    stack = _worker(
        env={"DB_PASSWORD": "hunter2", "X": _URL, "Y": "z"},
        commands=["x", "--password"],
        args=["hunter2"],
        healthcheck={"tests": ["CMD", _URL]},
        labels=[{"label": "token", "value": "hunter2"}],
    )

    assert messages(RULE, stack) == [
        f"worker has a value for the env variable DB_PASSWORD: {_WAY_OUT}",
        f"worker has a URL with a password in its env variable X: {_WAY_OUT}",
        f"worker has a value for password in its command: {_WAY_OUT}",
        f"worker has a URL with a password in its health test: {_WAY_OUT}",
        f"worker has a value for the label token: {_WAY_OUT}",
    ]
    worker = service(1, 1, 1)
    worker["labels"].append({"label": "token", "value": "hunter2"})
    assert messages(RULE, Stack().add("worker", worker, SERVICE)) == [
        f"worker has a value for the label token: {_WAY_OUT}"
    ]


@pytest.mark.parametrize(
    ("stack", "where"),
    [
        (_env("A=b", Secret("DB_PASSWORD=hunter2")), "an env variable"),
        (_env(Secret("A=hunter2"), Secret("hunter2")), "an env variable"),
        (_redis(envs=Secret(["A=hunter2"])), "an env variable"),
        (_redis(command=["x", Secret("hunter2")]), "a command"),
        (_redis(entrypoints=Secret(["x"])), "a command"),
        (_redis(healthcheck=Secret({"tests": ["CMD", "hunter2"]})), "a health test"),
        (_label("x", Secret("hunter2")), "a label"),
        (_label(Secret("hunter2"), "x"), "a label"),
        (_redis(labels=[Secret({"label": "x", "value": "hunter2"})]), "a label"),
        (_redis(labels=Secret([{"label": "x", "value": "hunter2"}])), "a label"),
    ],
)
def test_refuses_a_pulumi_secret_once_and_without_showing_it(stack: Stack, where: str) -> None:
    assert messages(RULE, stack) == [f"redis has a Pulumi secret as {where}, where Docker shows it: {_WAY_OUT}"]


@pytest.mark.parametrize("env", [{"A": Secret("hunter2")}, Secret({"hunter2": "x"}), {"A": Secret(UNKNOWN)}])
def test_refuses_a_pulumi_secret_of_a_service(env: Any) -> None:
    assert messages(RULE, _worker(env=env)) == [
        f"worker has a Pulumi secret as an env variable, where Docker shows it: {_WAY_OUT}"
    ]


def test_refuses_what_is_beside_a_pulumi_secret() -> None:
    stack = _redis(command=["--password", Secret("x"), "--token", "hunter2"], envs=[Secret("A=b"), "TOKEN=x"])

    assert messages(RULE, stack) == [
        f"redis has a Pulumi secret as an env variable, where Docker shows it: {_WAY_OUT}",
        f"redis has a value for the env variable TOKEN: {_WAY_OUT}",
        f"redis has a Pulumi secret as a command, where Docker shows it: {_WAY_OUT}",
        f"redis has a value for token in its command: {_WAY_OUT}",
    ]


def test_obeys_allowed_names_and_no_others() -> None:
    stack = _env("TOKEN_LIMIT=5", "X=--token y", "TOKEN=z").change(
        "redis", command=["--token", "5", "--password", "x"]
    )

    assert messages(RULE, stack, allowed=["TOKEN_LIMIT", "X", "token"]) == [
        f"redis has a value for the env variable TOKEN: {_WAY_OUT}",
        f"redis has a value for password in its command: {_WAY_OUT}",
    ]
    assert messages(RULE, _label("token", "x"), allowed=["token"]) == []


def test_obeys_allowed_for_no_pulumi_secret() -> None:
    assert messages(RULE, _worker(env={"A": Secret("x")}), allowed=["A", ""]) == [
        f"worker has a Pulumi secret as an env variable, where Docker shows it: {_WAY_OUT}"
    ]


def test_obeys_an_exception_for_one_service_and_no_other() -> None:
    stack = _env("TOKEN=x").change("agent", envs=["TOKEN=x"])
    exception = {"service": "agent", "reason": "is a demonstration of leaks", "expires": "2027-01-31"}

    assert messages(RULE, stack, exceptions=[exception]) == [
        f"redis has a value for the env variable TOKEN: {_WAY_OUT}"
    ]


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"envs": UNKNOWN}, f"an env variable that {LATER}"),
        ({"envs": ["A=b", UNKNOWN]}, f"an env variable that {LATER}"),
        ({"envs": "TOKEN=x"}, "an env variable that is the text 'TOKEN=x', not a list: give a list"),
        ({"envs": [5]}, "an env variable that is 5, not a text: give a text"),
        ({"envs": Secret([5])}, f"an env variable that {HIDDEN}"),
        ({"command": UNKNOWN}, f"a command that {LATER}"),
        ({"entrypoints": [UNKNOWN]}, f"a command that {LATER}"),
        ({"healthcheck": UNKNOWN}, f"a health test that {LATER}"),
        (
            {"healthcheck": "x"},
            "a health test that is the text 'x', not a group of properties: give a group of properties",
        ),
        ({"healthcheck": {"tests": [UNKNOWN]}}, f"a health test that {LATER}"),
        ({"labels": UNKNOWN}, f"a label that {LATER}"),
        ({"labels": [UNKNOWN]}, f"a label that {LATER}"),
        ({"labels": [{"label": UNKNOWN, "value": "x"}]}, f"a label that {LATER}"),
        ({"labels": [{"label": "x", "value": UNKNOWN}]}, f"a label that {LATER}"),
        ({"labels": [{"label": "x", "value": 5}]}, "a label that is 5, not a text: give a text"),
        ({"labels": {"token": "x"}}, "a label that is a group of properties, not a list: give a list"),
    ],
)
def test_unknown_and_odd_values_are_violations(properties: dict[str, Any], message: str) -> None:
    assert messages(RULE, _redis(**properties)) == [f"redis has {message}"]


def test_unknown_values_of_a_service_are_violations() -> None:
    assert messages(RULE, _worker(env={"A": UNKNOWN})) == [f"worker has an env variable that {LATER}"]
    assert messages(RULE, _worker(labels=UNKNOWN)) == [f"worker has a label that {LATER}"]


def test_unknown_values_hide_no_others() -> None:
    stack = _env(UNKNOWN, "TOKEN=x").change("redis", command=[UNKNOWN, "--token", "x", UNKNOWN])

    assert messages(RULE, stack) == [
        f"redis has an env variable that {LATER}",
        f"redis has a value for the env variable TOKEN: {_WAY_OUT}",
        f"redis has a command that {LATER}",
        f"redis has a value for token in its command: {_WAY_OUT}",
    ]
