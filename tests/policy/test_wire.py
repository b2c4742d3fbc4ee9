"""What the engine sends becomes plain values; what isn't known or is secret stays marked, however deep it is."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from pulumi_policy import proxy
from sutazai_policy.resource import UNKNOWN, Provider, Resource, Secret
from sutazai_policy.wire import properties_of, resource_of

from tests.policy.engine_messages import SECRET_MARK, SIGNATURE, finished, registered, struct
from tests.policy.stacks import CONTAINER, SERVICE, VOLUME

_UNKNOWNS = sorted(value for name, value in vars(proxy).items() if name.startswith("UNKNOWN_"))
_ASSET = {SIGNATURE: "c44067f5952c0a294b673a41bacd8c17", "text": "listen 80"}
_PROVIDER = Provider("urn:pulumi:prod::shop::pulumi:providers:docker::engine", {"host": "unix:///x.sock"})


def _read(value: Any) -> Any:
    return properties_of(struct({"x": value}))["x"]


def _resource(kind: str = VOLUME, **properties: Any) -> Resource:
    return Resource(kind, "data", f"urn:pulumi:prod::shop::{kind}::data", properties)


def test_there_are_seven_markers_of_what_is_not_known() -> None:
    assert len(_UNKNOWNS) == 7


@pytest.mark.parametrize("marker", _UNKNOWNS)
def test_every_marker_of_what_is_not_known_is_read_as_such(marker: str) -> None:
    assert _read(marker) is UNKNOWN
    assert _read([marker, {"y": [marker]}]) == [UNKNOWN, {"y": [UNKNOWN]}]
    assert _read(f"{marker} ") == f"{marker} "


@pytest.mark.parametrize(
    "value",
    [None, True, False, 0.0, -1.5, 1e308, "", "a", [], [None, 1.0], {}, {"value": 1.0}, {"y": {"z": None}}],
)
def test_plain_values_stay_what_they_are(value: Any) -> None:
    found = _read(value)

    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("value", [float("inf"), float("-inf")])
def test_numbers_beyond_all_stay_numbers(value: float) -> None:
    assert _read(value) == value


def test_a_value_without_a_kind_is_nothing() -> None:
    message = struct({})
    message.fields["x"].Clear()

    assert properties_of(message) == {"x": None}


@pytest.mark.parametrize(
    "value",
    [
        Secret("x"),
        Secret(None),
        Secret(UNKNOWN),
        Secret(["a", Secret("b")]),
        [Secret("a"), "b"],
        {"y": Secret({"z": Secret(1.0)})},
        Secret(Secret("x")),
    ],
)
def test_a_secret_is_kept_apart_whole_or_in_part(value: Any) -> None:
    assert _read(value) == value


def test_a_secret_without_a_value_is_a_secret_nothing() -> None:
    assert _read({SIGNATURE: SECRET_MARK}) == Secret(None)


@pytest.mark.parametrize(
    "value",
    [_ASSET, {SIGNATURE: "of a later engine", "value": 1.0}, {SIGNATURE: UNKNOWN}, {SIGNATURE: [SECRET_MARK]}],
)
def test_what_is_marked_as_something_else_is_a_group_of_properties(value: Any) -> None:
    assert _read(value) == value


def test_what_the_bridge_notes_for_itself_is_dropped_however_deep() -> None:
    noted = {
        "__defaults": ["driver"],
        "labels": [{"__defaults": [], "label": "a"}],
        "s": Secret({"__defaults": []}),
    }

    assert properties_of(struct(noted)) == {"labels": [{"label": "a"}], "s": Secret({})}


def test_a_registered_resource_is_read_with_its_options_and_provider() -> None:
    given = Resource(
        VOLUME, "data", "urn:x", {"name": "data"}, protect=True, parent="urn:parent", provider=_PROVIDER
    )

    assert resource_of(registered(given), {}) == given


def test_a_finished_resource_says_what_each_property_comes_from() -> None:
    given = Resource(CONTAINER, "redis", "urn:x", {"image": UNKNOWN}, depends={"image": ("urn:a", "urn:b")})

    assert resource_of(finished(given), {}) == given


def test_a_resource_without_a_provider_has_none() -> None:
    assert resource_of(finished(_resource()), {}).provider is None
    assert not resource_of(finished(_resource()), {}).protect


def test_inputs_win_over_outputs_and_outputs_add_what_only_they_know() -> None:
    inputs, outputs = _resource(name="a", driver=UNKNOWN, labels=None), _resource(name="b", driver="local", id="i")

    found = resource_of(finished(outputs), {inputs.urn: struct(inputs.properties)})

    assert found.properties == {"name": "a", "driver": UNKNOWN, "labels": None, "id": "i"}


@pytest.mark.parametrize("nothing", [UNKNOWN, None, Secret(UNKNOWN), Secret(None), Secret(Secret(UNKNOWN))])
def test_an_output_that_is_not_known_adds_nothing(nothing: Any) -> None:
    found = resource_of(finished(_resource(id=nothing, driver="local")), {_resource().urn: struct({})})

    assert found.properties == {"driver": "local"}


def test_a_secret_input_stays_one_beside_a_plain_output() -> None:
    inputs = struct({"name": Secret("a"), "driver": "local"})

    found = resource_of(finished(_resource(name="a", driver=Secret("local"))), {_resource().urn: inputs})

    assert found.properties == {"name": Secret("a"), "driver": "local"}


@pytest.mark.parametrize("kind", [CONTAINER, SERVICE])
def test_a_workload_is_what_was_written_and_nothing_that_the_provider_adds(kind: str) -> None:
    outputs = _resource(kind, runtime="runc", memory=5.0)

    found = resource_of(finished(outputs), {outputs.urn: struct({"memory": 512.0})})

    assert found.properties == {"memory": 512.0}


def test_inputs_are_those_of_the_same_resource_only() -> None:
    found = resource_of(finished(_resource(name="b")), {"urn:other": struct({"name": "a", "driver": "local"})})

    assert found.properties == {"name": "b"}


def test_a_name_obeys_no_terminal() -> None:
    message = finished(_resource())
    message.name = "re\x1b[2Kdis\nall is well"

    assert resource_of(message, {}).name == r"re\x1b[2Kdis\nall is well"


def test_no_secret_is_shown_where_a_resource_is() -> None:
    secret = resource_of(finished(_resource(name=Secret("hunter2"))), {})

    assert "hunter2" not in repr(secret)
    assert repr(Secret("hunter2")) == "Secret()"


def test_what_is_not_known_stays_the_same_thing_when_it_is_copied() -> None:
    assert copy.deepcopy({"x": [UNKNOWN]})["x"][0] is UNKNOWN
    assert repr(UNKNOWN) == "UNKNOWN"
