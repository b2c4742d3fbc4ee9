"""Shapes and letters of an SVG drawing. Self-contained: no fonts, styles or scripts from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

__all__ = ["INK", "MUTED", "PAPER", "RESERVED", "colours", "document", "fitted", "hatch", "rect", "text"]

INK, MUTED, PAPER = "#1f2933", "#616e7c", "#ffffff"
RESERVED = "#9aa5b1"
_PALETTE = ("#2f6fb3", "#d97706", "#2e8b57", "#8b5fbf", "#1e3a5f", "#c2554d", "#0e8a9c", "#8a7a12")
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', Arial, sans-serif"
# Mean width of a letter as a part of the font's size, on the wide side: there is nothing to measure with here.
_LETTER = 0.56


def colours(names: Iterable[str]) -> dict[str, str]:
    """Give each name a colour of its own, for as many as there are."""
    return {name: _PALETTE[index % len(_PALETTE)] for index, name in enumerate(dict.fromkeys(names))}


def document(width: float, height: float, title: str, parts: Sequence[str]) -> str:
    """Put the parts on paper."""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_n(width)}" height="{_n(height)}" '
        f'viewBox="0 0 {_n(width)} {_n(height)}" role="img" font-family="{_FONT}">'
    )
    pattern = (
        '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect width="6" height="6" fill="#e4e7eb"/>'
        '<rect width="2" height="6" fill="#cbd2d9"/></pattern></defs>'
    )
    paper = rect(0, 0, width, height, fill=PAPER)
    return "\n".join([head, f"<title>{escape(title)}</title>", pattern, paper, *parts, "</svg>", ""])


def rect(
    x: float,
    y: float,
    width: float,
    height: float,
    *,
    fill: str = "none",
    line: str = "",
    radius: float = 0,
    dim: float = 1,
) -> str:
    """Draw a rectangle; `dim` below 1 lets what is behind it shine through."""
    more = f' stroke="{line}" stroke-width="1.5"' if line else ""
    more += f' rx="{_n(radius)}"' if radius else ""
    more += f' fill-opacity="{dim}"' if dim < 1 else ""
    return f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(max(0, width))}" height="{_n(height)}" fill="{fill}"{more}/>'


def hatch(x: float, y: float, width: float, height: float, radius: float = 0) -> str:
    """Draw what nobody gets."""
    return rect(x, y, width, height, fill="url(#hatch)", radius=radius)


def text(
    x: float, y: float, words: str, *, size: float = 12, fill: str = INK, bold: bool = False, anchor: str = "start"
) -> str:
    """Write one line."""
    more = ' font-weight="600"' if bold else ""
    more += f' text-anchor="{anchor}"' if anchor != "start" else ""
    return f'<text x="{_n(x)}" y="{_n(y)}" font-size="{_n(size)}" fill="{fill}"{more}>{escape(words)}</text>'


def fitted(words: str, width: float, size: float = 12) -> str:
    """Shorten a line so that it fits; nothing where not even three letters do."""
    room = int(width / (size * _LETTER))
    if len(words) <= room:
        return words
    return f"{words[: room - 1].rstrip(' ,')}…" if room > 3 else ""


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
