"""Whole units for CPU and memory, and the way they are written.

CPU is counted in the largest unit that is whole for both of Docker's: a share (1/1024 core) and a nano-CPU.
Memory is counted in bytes. Sums are exact; only their text is rounded, a need up and a limit down, so that
a refused sum never reads as if it fitted.
"""

from __future__ import annotations

from fractions import Fraction

__all__ = ["CORE", "MIB", "NANO_CPU", "SHARE", "cores_text", "mib_text", "overcommitted"]

CORE = 2_000_000_000
SHARE = CORE // 1024
NANO_CPU = CORE // 1_000_000_000
MIB = 1024**2


def cores_text(units: int, *, limit: bool = False) -> str:
    """Write CPU units as cores, such as `0.75`."""
    return _decimal(Fraction(units, CORE), places=3, up=not limit)


def mib_text(size: int, *, limit: bool = False) -> str:
    """Write bytes as MiB, without the unit, such as `512` or `0.25`."""
    return _decimal(Fraction(size, MIB), places=2, up=not limit)


def overcommitted(size: int, times: float) -> int:
    """Multiply a memory budget by an overcommit ratio, as exactly as the ratio is written."""
    return int(size * Fraction(str(times)))


def _decimal(value: Fraction, places: int, *, up: bool) -> str:
    scaled = value * 10**places
    whole = -(-scaled.numerator // scaled.denominator) if up else scaled.numerator // scaled.denominator
    sign, digits = ("-" if whole < 0 else ""), str(abs(whole)).zfill(places + 1)
    text = f"{digits[:-places]}.{digits[-places:]}".rstrip("0").rstrip(".")
    return sign + text
