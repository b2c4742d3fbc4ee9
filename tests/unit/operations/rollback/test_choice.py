from __future__ import annotations

import pytest

from sutazai_infra.model.update import Result, Source
from sutazai_infra.operations.rollback.choice import RollbackError, chosen, obstacles, remarks
from tests.unit.operations.history.history_samples import update

FAILED, GOOD = Result.UNHEALTHY, Result.SUCCEEDED


@pytest.mark.parametrize(
    ("results", "number"),
    [((GOOD, GOOD), 1), ((GOOD, FAILED), 1), ((GOOD, GOOD, FAILED, FAILED), 2), ((GOOD, FAILED, GOOD), 1)],
)
def test_unless_one_is_named_it_is_the_newest_good_one_before_the_last(
    results: tuple[Result, ...], number: int
) -> None:
    updates = [update(n, result) for n, result in enumerate(results, 1)]
    assert chosen(updates, None).number == number


def test_one_that_is_named_is_taken() -> None:
    updates = [update(n) for n in (1, 2, 3)]
    assert chosen(updates, 1) is updates[0]


@pytest.mark.parametrize(
    ("updates", "number", "message"),
    [
        ([], None, "this stack has had no update; there is nothing to go back to"),
        ([update(1)], None, "stack lab: no update before 1 ended well; name one with --to"),
        ([update(1, FAILED), update(2)], None, "stack lab: no update before 2 ended well; name one with --to"),
        ([update(1), update(2)], 3, "stack lab has no update 3; it has 1 to 2"),
        (
            [update(1), update(2, FAILED), update(3)],
            2,
            "stack lab: update 2 ended as unhealthy; these ended well: 1, 3",
        ),
    ],
)
def test_what_cannot_be_gone_back_to_is_told(updates: list[object], number: int | None, message: str) -> None:
    with pytest.raises(RollbackError) as error:
        chosen(updates, number)  # type: ignore[arg-type]
    assert str(error.value) == message


def test_files_that_were_not_kept_or_are_elsewhere_stand_in_the_way() -> None:
    assert list(obstacles(update(1), commit_there=True)) == []
    (nowhere,) = obstacles(update(1, source=Source()), commit_there=False)
    assert nowhere == "update 1: its files weren't kept, since the project was in no git repository"
    (elsewhere,) = obstacles(update(1), commit_there=False)
    assert elsewhere == (
        "update 1: commit aaaaaaaaaaaa of its files isn't in this repository; go to the checkout that it was "
        "deployed from, or fetch it from there: git fetch CHECKOUT 'refs/sutazai/lab/*:refs/sutazai/lab/*'"
    )


def test_images_that_are_gone_are_named() -> None:
    assert list(remarks(update(1, images={"api": "sha256:1"}), {"sha256:1"})) == []
    images = {"b": "sha256:2", "a": "sha256:2", "api": "sha256:1"}
    assert list(remarks(update(1, images=images), {"sha256:1"})) == [
        "images of a, b are gone from the engine: they are built or pulled again"
    ]
