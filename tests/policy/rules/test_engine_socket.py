"""No container reaches an engine, by whatever path or variable."""

from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy.rules.engine_socket import RULE

from tests.policy.stacks import (
    SERVICE,
    UNKNOWN,
    VOLUME,
    Provider,
    Secret,
    Stack,
    container,
    messages,
    service,
    small_stack,
    violations,
)
from tests.policy.unreadable import LATER

_REFUSED = (
    "mounts the host path {}, by which it may tell the engine to do anything to the host:"
    " remove the mount, or run the program on the host"
)
_VARIABLE = "has {} in its env, so it would tell an engine what to do: remove the variable"


def _bind(path: Any) -> Stack:
    return small_stack().change("redis", volumes=[{"hostPath": path, "containerPath": "/x", "readOnly": True}])


def _env(*variables: Any) -> Stack:
    return small_stack().change("redis", envs=list(variables))


@pytest.mark.parametrize(
    "path",
    [
        "/etc",
        "/srv/run",
        "/var/lib",
        "/runner",
        "/run/dbus",
        "/run/docker2",
        "/run/user/1000/bus",
        "/run/user/1000/dockers",
        "/srv/.docker/cache",
        "/srv/docker/data",
        "/srv/docker/x.sock",
        "/srv/engine",
        "/proc",
    ],
)
def test_passes_another_path(path: str) -> None:
    assert messages(RULE, _bind(path)) == []


@pytest.mark.parametrize("given", [[], ["DOCKER_HOST"], ["DOCKER_HOST="], ["MY_DOCKER_HOST=x", "DOCKER_HOSTS=y"]])
def test_passes_other_variables(given: list[str]) -> None:
    assert messages(RULE, _env(*given)) == []


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/var",
        "/run",
        "/run/user",
        "/run/user/1000",
        "/run/user/1000/docker",
        "/run/user/1000/docker/x",
        "/run/user/1000/podman/podman.sock",
        "/run/user/1000/buildkit",
        "/run/user/1000/containerd",
        "/run/buildkit/buildkitd.sock",
        "/run/containerd",
        "/run/containerd/containerd.sock",
        "/run/cri-dockerd.sock",
        "/run/crio/crio.sock",
        "/run/crio/x",
        "/run/buildkit/x",
        "/run/podman",
        "/run/docker",
        "/run/docker/containerd/x",
        "/run/docker.sock",
        "/run/docker.sock.raw",
        "/run/dockershim.sock",
        "/run/host-services/x",
        "/run/k3s",
        "/run/podman/podman.sock",
        "/run/snap.docker/x",
        "/home/me/.docker",
        "/home/me/.docker/run",
        "/home/me/.docker/desktop",
        "/home/me\n/.docker/run",
        "/srv/docker.sock",
        "/srv/My-Docker.sock",
        "/srv/containerd.sock.ttrpc",
        "/srv/podman.sock",
        "/srv/crio.sock",
        "/srv/buildkitd.sock",
        "/pipe/docker_engine",
        "/pipe/dockerEngine",
    ],
)
def test_refuses_a_path_to_an_engine(path: str) -> None:
    (found,) = messages(RULE, _bind(path))

    shown = path if "\n" not in path else repr(path)
    assert found == f"redis {_REFUSED.format(shown)}"


@pytest.mark.parametrize("path", ["/var/run/docker.sock", "//run/./docker.sock/", "/proc/1/root/run/docker.sock"])
@pytest.mark.parametrize(
    "properties",
    [
        lambda path: {"volumes": [{"hostPath": path, "containerPath": "/x"}]},
        lambda path: {"volumes": [{"volumeName": path, "containerPath": "/x"}]},
        lambda path: {"mounts": [{"type": "bind", "source": path, "target": "/x"}]},
        lambda path: {"mounts": [{"type": "volume", "source": path, "target": "/x"}]},
        lambda path: {
            "mounts": [
                {
                    "type": "volume",
                    "target": "/x",
                    "volumeOptions": {"driverOptions": {"type": "none", "o": "bind", "device": path}},
                }
            ]
        },
    ],
)
def test_refuses_it_however_it_is_spelled_or_mounted(properties: Any, path: str) -> None:
    stack = small_stack().change("redis", **properties(path))

    (found,) = violations(RULE, stack)

    told = path if path == "/run/docker.sock" else f"{path} (/run/docker.sock)"
    assert found.message == f"redis {_REFUSED.format(told)}"
    assert found.urn == stack.urn("redis")


@pytest.mark.parametrize(
    "path", ["/run/../run/docker.sock", "run/docker.sock", "~/docker.sock", "/proc/9/root/run"]
)
def test_refuses_a_path_that_may_lead_there(path: str) -> None:
    (found,) = messages(RULE, _bind(path))

    assert found.startswith("redis has a host path that is ")


def test_refuses_a_volume_that_is_one() -> None:
    stack = small_stack().add("data", {"driverOpts": {"type": "none", "o": "bind", "device": "/run"}}, VOLUME)

    (found,) = violations(RULE, stack)

    assert (found.message, found.urn) == (f"data {_REFUSED.format('/run')}", stack.urn("data", VOLUME))


@pytest.mark.parametrize(
    ("path", "refused"),
    [("/opt", True), ("/opt/e/x", True), ("/opt/e", True), ("/opt/e/xy", False), ("/opt/f", False)],
)
def test_refuses_the_socket_of_the_stacks_own_provider(path: str, refused: bool) -> None:
    stack = Stack()
    engine = Provider("urn:pulumi:prod::shop::pulumi:providers:docker::engine", {"host": "unix:///opt/e/x"})
    remote = Provider("urn:pulumi:prod::shop::pulumi:providers:docker::other", {"host": "tcp://a"})
    stack.add("net", {}, "docker:index/network:Network", provider=engine)
    stack.add("far", {}, "docker:index/network:Network", provider=remote)
    stack.add("none", {}, "sutazai:index:Pool", provider=None)
    stack.add("redis", {**container("4", 9, 9, 9), "volumes": [{"hostPath": path}]})

    assert messages(RULE, stack) == ([f"redis {_REFUSED.format(path)}"] if refused else [])


@pytest.mark.parametrize(
    "name",
    [
        "DOCKER_HOST",
        "docker_host",
        "CONTAINER_HOST",
        "CONTAINERD_ADDRESS",
        "CONTAINER_RUNTIME_ENDPOINT",
        "BUILDKIT_HOST",
    ],
)
def test_refuses_a_variable_that_names_an_engine(name: str) -> None:
    stack = _env("A=b", f"{name}=tcp://proxy:2375")

    (found,) = violations(RULE, stack)

    assert (found.message, found.urn) == (f"redis {_VARIABLE.format(name)}", stack.urn("redis"))


@pytest.mark.parametrize(("value", "count"), [("x", 1), (UNKNOWN, 1), ("", 0), (None, 0)])
def test_refuses_a_services_mount_and_variable(value: Any, count: int) -> None:
    worker = service(1, 1, 1)
    spec = worker["taskSpec"]["containerSpec"]
    spec["mounts"] = [{"target": "/x", "type": "bind", "source": "/var/run"}]
    spec["env"] = {"OTHER": UNKNOWN, "DOCKER_HOST": value}

    assert messages(RULE, Stack().add("worker", worker, SERVICE)) == [
        f"worker {_REFUSED.format('/var/run (/run)')}",
        *[f"worker {_VARIABLE.format('DOCKER_HOST')}"] * count,
    ]


def test_refuses_secrets_without_showing_them() -> None:
    stack = _bind(Secret("/srv/hunter2/docker.sock")).change("redis", envs=Secret(["DOCKER_HOST=hunter2"]))

    assert messages(RULE, stack) == [
        f"redis {_REFUSED.format('that is a secret')}",
        f"redis {_VARIABLE.format('DOCKER_HOST')}",
    ]


def test_obeys_an_exception_for_one_service_and_no_other() -> None:
    stack = _bind("/run").change("agent", volumes=[{"hostPath": "/run", "containerPath": "/x"}])
    exception = {"service": "agent", "reason": "measures what containers need", "expires": "2027-01-31"}

    assert messages(RULE, stack, exceptions=[exception]) == [f"redis {_REFUSED.format('/run')}"]


def test_unknown_values_are_violations() -> None:
    assert messages(RULE, _bind(UNKNOWN)) == [f"redis has a host path that {LATER}"]
    assert messages(RULE, small_stack().change("redis", mounts=UNKNOWN, envs=UNKNOWN)) == [
        f"redis has a list of mounts that {LATER}",
        f"redis has an env variable that {LATER}",
    ]
    assert messages(RULE, _env(UNKNOWN, 5, "DOCKER_HOST=x")) == [
        f"redis has an env variable that {LATER}",
        "redis has an env variable that is 5, not a text: give a text",
        f"redis {_VARIABLE.format('DOCKER_HOST')}",
    ]
