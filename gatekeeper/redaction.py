"""Masking secrets in texts, however the texts spell them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from gatekeeper.core.encodings import (
    View,
    encoded_runs,
    from_base64,
    layers,
    place_in_base64,
    views,
    without_noise,
)
from gatekeeper.secret_forms import LONG, SHORTEST, SIGNATURE, base64_cores, encoded, forms_of
from gatekeeper.token_search import TOKEN_START, TokenSearch

MASK = "***"
# The program itself cuts texts, and marks each cut. That much of a secret before it is masked.
_CUT = "…"
_SHORTEST_CUT = 4
_CUT_ESCAPE = re.compile(r"(?:\\u?[0-9A-Fa-f]{0,3}|%[0-9A-Fa-f]?|&#?[A-Za-z0-9]{0,8})?…")
# Base64 of base64 is decoded as well.
_BASE64_LAYERS = 2
_RUNS_AT_ONCE = 64
_MORE_THAN_A_WORD = 20  # characters of a secret whose base64 is longer than most words
_LARGE = 100_000
_LARGE_KEPT = 8

_ASCII_IN_BASE64 = re.compile(r"[ -~…]{5,}")
_TEXT_IN_BASE64 = re.compile(r"[^\x00-\x1f\x7f]{5,}")
_FURTHER = re.compile(r"[\\%&…]|[A-Za-z0-9+/_-]{8}")

# For the quick check, which nearly every text passes.
_NOISE_BYTES = bytes((*range(0x21), 0x7F))
_RARE_NOISE = re.compile(
    r"[\x7f-\xa0\xad\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]"
)
_MAY_HIDE = (b"\\", b"%", b"&", b"\x1b", _CUT.encode())
_BASE64_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"
_AS_RUNS = bytes(ord("a") if code in _BASE64_LETTERS else ord(" ") for code in range(256))


class Redactor:
    """Masks known secrets in texts, and everything that looks like a token.

    A secret is found as it is and in every usual encoding: escaped for JSON, URLs or HTML, one
    inside another, any of its characters or all; in base64 at any offset; with blanks or line ends
    in it if it is long. Work grows with the length of the text, whatever is in it.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        # Each line of a key is a secret too, because reports fold and cut texts.
        known = [part for secret in secrets for part in (secret, *secret.splitlines())]
        forms = {form for secret in known for form in forms_of(secret) if len(form) >= SHORTEST}
        self._forms = sorted(forms, key=len, reverse=True)
        self._with_blanks = {
            form for secret in known if len(secret.split()) > 1 for form in forms_of(secret)
        }
        self._pattern = _any_of(self._forms)
        self._needles = [TOKEN_START.encode(), *map(encoded, self._forms)]
        self._is_ascii = all(map(str.isascii, self._forms))
        shortest = min((len(needle) for needle in self._needles[1:]), default=SIGNATURE)
        self._shortest_run = max(8, min(SIGNATURE, shortest * 4 // 3 - 1))
        # Words are as long as a short secret in base64, so that is looked for by itself.
        run = self._shortest_run if shortest >= _MORE_THAN_A_WORD else shortest * 4
        self._run_needle = b"a" * max(24, min(SIGNATURE, run))
        self._needles += sorted(
            {core for text in (*known, *self._forms) for core in base64_cores(text)}
        )
        # Without a secret, only tokens as they are sent are looked for.
        self._base64_layers = _BASE64_LAYERS if forms else 0
        self._large: dict[str, str] = {}
        self._tokens = TokenSearch()

    def remember(self, token: str) -> None:
        """Mask each part of this token as well, even where it does not look like one."""
        self._tokens.add(token)
        # Until now there may have been no secret, so that only whole tokens were looked for.
        self._base64_layers = _BASE64_LAYERS

    def text(self, text: str) -> str:
        """Return the text with every secret masked, and everything that looks like a token."""
        if not self._needs_search(text):
            return text
        if len(text) < _LARGE:
            return self._masked(text)
        # A large text is shown by each report, and searching it takes long.
        masked = self._large.pop(text, None)
        if masked is None:
            masked = self._masked(text)
        self._large[text] = masked
        while len(self._large) > _LARGE_KEPT:
            self._large.pop(next(iter(self._large)), None)
        return masked

    def _masked(self, text: str) -> str:
        if not self._is_found(text, self._base64_layers):
            return text
        masked: list[str] = []
        at = 0
        for start, end in sorted(self._spans(text, self._base64_layers)):
            if start >= at:
                masked += (text[at:start], MASK)
            at = max(at, end)
        return "".join((*masked, text[at:]))

    def _needs_search(self, text: str) -> bool:
        """Whether a text could contain a secret in any form: fast, and rarely wrong."""
        raw = encoded(text)
        if any(sign in raw for sign in _MAY_HIDE):
            return True
        if not text.isascii() and _RARE_NOISE.search(text):
            return True
        bare = raw.translate(None, _NOISE_BYTES)
        if any(needle in bare for needle in self._needles):
            return True
        return self._base64_layers > 0 and self._run_needle in raw.translate(_AS_RUNS)

    def _is_found(self, text: str, depth: int) -> bool:
        """Whether any layer of a text has a secret; says yes too often rather than too rarely."""
        return any(
            self._tokens.may_find(layer)
            or any(form in layer for form in self._forms)
            or (_CUT in layer and any(self._cut(layer)))
            or (depth > 0 and self._is_in_base64(layer, depth))
            for layer in layers(text)
        )

    def _is_in_base64(self, layer: str, depth: int) -> bool:
        runs = [run for _, run in encoded_runs(layer, self._shortest_run)]
        return bool(runs) and self._are_found(runs, depth)

    def _are_found(self, runs: list[str], depth: int) -> bool:
        for shift in range(4):
            decoded = "".join(from_base64(run, shift) for run in runs)
            bare = without_noise(decoded)
            if any(form in bare for form in (TOKEN_START, *self._forms)):
                return True
            # Nearly all of it is noise, and what is not can have escapes or base64 in it.
            pattern = _ASCII_IN_BASE64 if self._is_ascii else _TEXT_IN_BASE64
            parts = [part for part in pattern.findall(decoded) if _FURTHER.search(part)]
            if parts and self._is_found("\n".join(parts), depth - 1):
                return True
        return False

    def _spans(self, text: str, depth: int) -> Iterator[tuple[int, int]]:
        """Yield where the secrets of a text start and end; the parts may overlap."""
        for view in views(text):
            for start, end in (
                *self._known(view, text),
                *self._cut(view.text),
                *self._tokens.spans(view),
                *(self._in_base64(view.text, depth) if depth > 0 else ()),
            ):
                yield view.span(start, end)

    def _known(self, view: View, text: str) -> Iterator[tuple[int, int]]:
        for match in self._pattern.finditer(view.text) if self._forms else ():
            start, end = match.span(1)
            if end - start < LONG and match[1] not in self._with_blanks:
                first, last = view.span(start, end)
                if any(map(str.isspace, text[first:last])):
                    continue
            yield start, end

    def _cut(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield the beginnings of secrets before the mark of a cut."""
        longest = len(self._forms[0]) if self._forms else 0
        for cut in _CUT_ESCAPE.finditer(text) if longest else ():
            end = cut.start()
            window = text[max(0, end - longest) : end]
            for form in self._forms:
                if form[:_SHORTEST_CUT] not in window:
                    continue
                for size in range(min(len(form) - 1, len(window)), _SHORTEST_CUT - 1, -1):
                    if window.endswith(form[:size]):
                        yield end - size, end
                        break

    def _in_base64(self, text: str, depth: int) -> Iterator[tuple[int, int]]:
        runs = list(encoded_runs(text, self._shortest_run))
        for first in range(0, len(runs), _RUNS_AT_ONCE):
            group = runs[first : first + _RUNS_AT_ONCE]
            if not self._are_found([run for _, run in group], depth):
                continue
            for place, run in group:
                for shift in range(4):
                    decoded = from_base64(run, shift)
                    if not self._is_found(decoded, depth - 1):
                        continue
                    for start, end in self._spans(decoded, depth - 1):
                        begin, stop = place_in_base64(decoded, start, end)
                        yield place + shift + begin, place + min(len(run), shift + stop)


def _any_of(forms: list[str]) -> re.Pattern[str]:
    # Ahead of each place, so that a secret is found that begins within another one.
    return re.compile(f"(?=({'|'.join(map(re.escape, forms))}))")
