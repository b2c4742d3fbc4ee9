"""How bad input is refused: path first, then what is wrong, then the way out."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from sutazai_infra.model.errors import ConfigError
from sutazai_infra.model.service import Port, Resources
from sutazai_infra.model.settings import Settings


def _refusal(value: object) -> str:
    with pytest.raises(ConfigError) as refused:
        Settings.parsed("stack", value)
    return str(refused.value)


def test_a_misspelt_key_is_named_with_the_likely_one() -> None:
    assert _refusal({"imagse": "built"}) == "stack: imagse: unknown key (did you mean 'images'?)"


def test_a_misspelt_key_further_down_is_named_with_its_path() -> None:
    assert _refusal({"services": {"onyl": []}}) == "stack: services/onyl: unknown key (did you mean 'only'?)"


def test_a_key_like_none_that_is_known_lists_those() -> None:
    assert _refusal({"services": {"zzz": []}}) == (
        "stack: services/zzz: unknown key; known keys: disable, enable, only"
    )


def test_a_bad_choice_is_told_what_may_be_chosen_and_what_was() -> None:
    assert _refusal({"images": "pulled"}) == "stack: images: Input should be 'upstream' or 'built', not 'pulled'"


def test_every_problem_is_a_line_of_its_own() -> None:
    assert _refusal({"share": 2, "fit": "shrink"}).splitlines() == [
        "stack: fit: Input should be 'refuse' or 'scale', not 'shrink'",
        "stack: share: Input should be less than or equal to 1, not 2",
    ]


def test_something_that_is_no_mapping_is_refused_without_a_path() -> None:
    assert _refusal(["all"]).startswith("stack: Input should be keys with values, each on a line of its own")


def test_problems_that_name_their_own_sources_are_printed_as_they_are() -> None:
    assert str(ConfigError("", ["one.yaml: bad", "two.yaml: worse"])) == "one.yaml: bad\ntwo.yaml: worse"
    assert str(ConfigError("one.yaml", ["bad"])) == "one.yaml: bad"


def test_a_value_cannot_be_changed() -> None:
    port = Port(container=8080)
    with pytest.raises(ValidationError, match="frozen"):
        port.container = 80  # type: ignore[misc]


def test_a_number_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigError, match="nan is no number of cores"):
        Resources.parsed("x", {"cpu": float("nan"), "memory": "1Mi"})
