"""Secrets, and whatever could be made of them, taken out of what comes from outside."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from urllib.parse import unquote

from gatekeeper.settings.catalogue import SETTINGS

_MASK = "***"
# Anything shorter stands in ordinary words as well, and protects nothing.
_SHORTEST = 6
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


# A token, also one that was cut: each begins with the base64 of `{"`.
_TOKEN = re.compile(r"eyJ[\w-]{3,}(?:\.[\w-]*)*", re.ASCII)


class Redactor:
    """Knows secrets, and takes them out of texts and bodies."""

    def __init__(self, secrets: Iterable[str]) -> None:
        # A key is known by its lines as well, since a report folds and cuts texts.
        known = {part for secret in secrets for part in (secret, *secret.splitlines())}
        known |= {json.dumps(part)[1:-1] for part in known}
        self._secrets = sorted(
            (secret for secret in known if len(secret) >= _SHORTEST), key=len, reverse=True
        )

    def with_token(self, token: str) -> Redactor:
        """Return one that knows a token as well, whole and by each of its parts."""
        knowing = Redactor(())
        parts = (part for part in (token, *token.split(".")) if len(part) >= _SHORTEST)
        # A token is one line, and nothing in it looks otherwise in JSON.
        knowing._secrets = sorted((*self._secrets, *parts), key=len, reverse=True)
        return knowing

    def text(self, text: str) -> str:
        """Return the text with every secret in it masked, and whatever looks like a token."""
        # Tokens first: with a part of one masked, the rest would no longer look like one.
        text = _TOKEN.sub(_MASK, text)
        for secret in self._secrets:
            text = text.replace(secret, _MASK)
        return text

    def body(self, body: bytes) -> bytes:
        """Return the body with every secret in it masked."""
        for secret in self._secrets:
            body = body.replace(secret.encode(), _MASK.encode())
        return body


def secrets_of(environ: Mapping[str, str]) -> list[str]:
    """Return every secret that an environment holds: those of settings, and of the proxies."""
    names = [name for one in SETTINGS if one.secret for name in (one.variable, one.input_variable)]
    given = [environ[name].strip() for name in names if environ.get(name)]
    return [*given, *proxy_passwords(environ)]


def proxy_passwords(environ: Mapping[str, str]) -> list[str]:
    """Return the passwords that stand in the proxies' URLs, as written and decoded."""
    found = []
    for name, url in environ.items():
        if name.upper() in _PROXIES:
            # Not as a URL is read, since one that is none is quoted in full when it is used.
            login, at, _ = url.rpartition("//")[2].partition("@")
            password = login.partition(":")[2]
            is_port = not at and password.isdecimal()
            if password and not is_port:
                plain = base64.b64encode(unquote(login).encode("utf-8", "replace")).decode()
                found += [password, unquote(password), plain]
    return found
