"""Texts as they read once their escapes are decoded, and where each character was written.

A server can escape what it repeats, and the gate cannot know how: as JSON, in a URL, in HTML, in
several of these at once. So nothing here looks for a text in any one encoding. Instead, a text is
decoded layer by layer, without blanks and control characters, and each layer can be searched.
"""

from __future__ import annotations

import re
from array import array
from binascii import a2b_base64
from collections.abc import Iterator
from functools import lru_cache

from gatekeeper.core.record import Record
from gatekeeper.core.text import TERMINAL_SEQUENCES

_MOST_LAYERS = 6
_LAST_CHARACTER = 0x10FFFF
# Blanks, control characters, and what has no width: the reports remove most of them.
_NOISE = (
    r"\s\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069"
    r"\ufeff"
)
_NOISE_PATTERN = re.compile(f"[{_NOISE}]+")
_TAIL = "%[89ABab][0-9A-Fa-f]"
_ESCAPE = "|".join(
    (
        # JSON and the string literals of programming languages
        r"\\u[dD][89ABab][0-9A-Fa-f]{2}\\u[dD][C-Fc-f][0-9A-Fa-f]{2}",
        r"\\u[0-9A-Fa-f]{4}",
        r"\\u\{[0-9A-Fa-f]{1,6}\}",
        r"\\U[0-9A-Fa-f]{8}",
        r"\\x[0-9A-Fa-f]{2}",
        r"\\.",
        # URLs: a character in UTF-8, otherwise a single byte
        f"%[CDcd][0-9A-Fa-f]{_TAIL}",
        f"%[Ee][0-9A-Fa-f]{_TAIL}{_TAIL}",
        f"%[Ff][0-7]{_TAIL}{_TAIL}{_TAIL}",
        "%[0-9A-Fa-f]{2}",
        # HTML
        r"&#[0-9]{1,7};?",
        r"&#[xX][0-9A-Fa-f]{1,6};?",
        r"&[A-Za-z][A-Za-z0-9]{1,31};?",
    )
)
_PIECE = re.compile(f"[{_NOISE}]+|{_ESCAPE}")
_CONTROL_ESCAPES = dict.fromkeys("nrtbfva0", "")
_CUT = "…"
_ENCODED = re.compile(f"[A-Za-z0-9+/_-]+{_CUT}?")
_STANDARD = str.maketrans("-_", "+/")


class View(Record):
    """A decoded text, and where in the original text each of its characters starts and ends."""

    text: str
    starts: array[int]
    ends: array[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where a part of the decoded text is in the original."""
        return self.starts[start], self.ends[end - 1]

    def is_gap(self, index: int) -> bool:
        """Whether blanks were removed between a character and the next."""
        return self.starts[index + 1] != self.ends[index]


def layers(text: str) -> Iterator[str]:
    """Yield a text without blanks, then as it reads with one more layer of escapes decoded."""
    for root in _roots(text):
        layer = without_noise(root)
        yield layer
        for _ in range(_MOST_LAYERS):
            decoded = _PIECE.sub(_read_match, layer)
            if decoded == layer:
                break
            layer = decoded
            yield layer


def without_noise(text: str) -> str:
    """Return a text without blanks, control characters, and what has no width."""
    return _NOISE_PATTERN.sub("", text)


def views(text: str) -> Iterator[View]:
    """Yield the same layers as views on the text."""
    whole = View(text, array("q", range(len(text))), array("q", range(1, len(text) + 1)))
    roots = [whole]
    if TERMINAL_SEQUENCES.search(text):
        roots.append(_mapped(whole, TERMINAL_SEQUENCES))
    for root in roots:
        view = _mapped(root, _NOISE_PATTERN)
        yield view
        for _ in range(_MOST_LAYERS):
            decoded = _mapped(view, _PIECE)
            if decoded.text == view.text:
                break
            view = decoded
            yield view


def _roots(text: str) -> Iterator[str]:
    """Yield the text, and without its terminal sequences, which could stand between letters."""
    yield text
    if TERMINAL_SEQUENCES.search(text):
        yield TERMINAL_SEQUENCES.sub("", text)


def _mapped(view: View, pattern: re.Pattern[str]) -> View:
    texts: list[str] = []
    starts, ends = array("q"), array("q")
    at = 0
    for match in pattern.finditer(view.text):
        start, end = match.span()
        piece = _read_match(match) if pattern is _PIECE else ""
        texts += (view.text[at:start], piece)
        starts += view.starts[at:start]
        ends += view.ends[at:start]
        for _ in piece:
            starts.append(view.starts[start])
            ends.append(view.ends[end - 1])
        at = end
    texts.append(view.text[at:])
    starts += view.starts[at:]
    ends += view.ends[at:]
    return View("".join(texts), starts, ends)


def _read_match(match: re.Match[str]) -> str:
    return _read(match[0])


@lru_cache(4096)
def _read(piece: str) -> str:
    """Return what an escape stands for; nothing for blanks, the escape itself if it is none."""
    sign, rest = piece[0], piece[1:]
    if sign == "\\":
        return without_noise(_read_backslash(rest))
    if sign == "%":
        data = bytes.fromhex(piece.replace("%", ""))
        return without_noise(data.decode("utf-8", "surrogateescape"))
    if sign == "&":
        # Imported here because few texts need its two thousand names.
        from html.entities import html5

        if rest.startswith("#"):
            digits = rest[1:].rstrip(";")
            code = int(digits[1:], 16) if digits[0] in "xX" else int(digits)
            return without_noise(_character(code))
        found = html5.get(rest) or html5.get(f"{rest};")
        return piece if found is None else without_noise(found)
    return ""


def _read_backslash(rest: str) -> str:
    if len(rest) == 1:
        return _CONTROL_ESCAPES.get(rest, rest)
    if "\\" in rest:
        high, low = int(rest[1:5], 16), int(rest[7:], 16)
        return _character(0x10000 + ((high & 0x3FF) << 10) + (low & 0x3FF))
    return _character(int(rest[1:].strip("{}"), 16))


def _character(code: int) -> str:
    return chr(code) if code <= _LAST_CHARACTER else ""


def encoded_runs(text: str, least: int) -> Iterator[tuple[int, str]]:
    """Yield each part of a text that may be base64 and has at least so many characters.

    The mark of a cut after it is part of it.
    """
    for match in _ENCODED.finditer(text):
        if match.end() - match.start() >= least:
            yield match.start(), match[0]


def from_base64(run: str, shift: int) -> str:
    """Decode what may be base64, of either alphabet, from the character at `shift` (0 to 3)."""
    part = run[shift:].removesuffix(_CUT).translate(_STANDARD)
    if run.endswith(_CUT):
        whole = a2b_base64(part[: len(part) // 4 * 4])
        return whole.decode("utf-8", "surrogateescape") + _CUT
    padded = part + "A" * (-len(part) % 4)
    return a2b_base64(padded).decode("utf-8", "surrogateescape")


def place_in_base64(decoded: str, start: int, end: int) -> tuple[int, int]:
    """Return which characters of the base64 encode this part of the decoded text."""
    before = len(decoded[:start].encode("utf-8", "surrogateescape"))
    size = len(decoded[start:end].encode("utf-8", "surrogateescape"))
    return before * 4 // 3, -(-(before + size) * 4 // 3)
