"""How a secret can read in the texts that a redactor searches."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from html import escape
from urllib.parse import quote

from gatekeeper.core.encodings import layers

# Shorter secrets also occur in ordinary words, and protect nothing.
SHORTEST = 6
# Blanks between the characters of a secret of this length are no coincidence.
LONG = 16
# Characters that begin an escape.
_ESCAPING = ("\\", "%", "&")
# A token's signature has at least as many characters.
SIGNATURE = 40


def forms_of(secret: str) -> Iterator[str]:
    """Yield how a secret reads in the layers of a text that contains it."""
    spellings = {secret, secret.replace(" ", "+")}
    if not secret.isascii():
        data = _bytes_of(secret)
        # As a header shows it, as a server shows it that knows no other encoding, as JSON shows it.
        spellings.add(data.decode("latin-1"))
        spellings.add(data.decode("utf-8", "replace"))
        spellings.add(data.decode("utf-8", "surrogateescape"))
        latin = secret.encode("latin-1", "ignore")
        if len(latin) == len(secret):
            spellings.add(latin.decode("utf-8", "surrogateescape"))
    for spelling in spellings:
        for layer in layers(spelling):
            yield layer
            if layer.endswith(_ESCAPING):
                # With what follows the secret in a text, this reads as an escape.
                yield layer[:-1]


def base64_cores(text: str) -> Iterator[bytes]:
    """Yield what base64 has for a short secret, plain or encoded as usual, at each offset."""
    if not SHORTEST <= len(encoded(text)) <= SIGNATURE * 3 // 4:
        return
    spellings = {
        text,
        quote(text, safe="", errors="surrogatepass"),
        quote(text, errors="surrogatepass"),
        json.dumps(text)[1:-1],
        json.dumps(text, ensure_ascii=False)[1:-1],
        json.dumps(text)[1:-1].replace("/", "\\/"),
        escape(text),
    }
    once = {core for spelling in spellings for core in _cores(_bytes_of(spelling))}
    yield from once
    for core in once:
        yield from _cores(core)


def _cores(data: bytes) -> Iterator[bytes]:
    for offset in range(3):
        code = base64.b64encode(bytes(offset) + data)
        end = (offset + len(data)) * 4 // 3
        core = code[-(-offset * 4 // 3) : end]
        yield core
        yield core.translate(bytes.maketrans(b"+/", b"-_"))


def _bytes_of(text: str) -> bytes:
    """Return the bytes that a text from the environment has."""
    return text.encode("utf-8", "surrogateescape" if _is_escaped(text) else "surrogatepass")


def _is_escaped(text: str) -> bool:
    """Whether a text, such as one from the environment, has bytes that are not UTF-8."""
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True


def encoded(text: str) -> bytes:
    """Return the bytes of a text, whatever is in it."""
    return text.encode("utf-8", "surrogatepass")
