"""Verifiers as PostgreSQL keeps them, held to the example of RFC 7677."""

from __future__ import annotations

from base64 import b64decode

import pytest

from sutazai_infra.operations.secrets.scram import is_verifier_of, verifier

SALT = "W22ZaJ0SNY7soEsUEjb6gQ=="
PENCIL = (
    f"SCRAM-SHA-256$4096:{SALT}$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
    "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
)


def test_a_verifier_is_what_the_rfc_computes() -> None:
    assert verifier("pencil", b64decode(SALT)) == PENCIL


def test_two_verifiers_of_one_password_differ_and_both_let_it_in() -> None:
    first, second = verifier("hunter2"), verifier("hunter2")

    assert first != second
    assert is_verifier_of(first, "hunter2")
    assert is_verifier_of(second, "hunter2")


def test_another_iteration_count_is_heeded() -> None:
    assert is_verifier_of(verifier("hunter2", iterations=8), "hunter2")


@pytest.mark.parametrize("kept", [PENCIL.replace("WG5d", "WG5e"), "", "md5abc", f"{PENCIL}\n", "pencil"])
def test_nothing_else_lets_it_in(kept: str) -> None:
    assert not is_verifier_of(kept, "pencil")


def test_another_password_is_not_let_in() -> None:
    assert not is_verifier_of(PENCIL, "Pencil")
