"""Masking secrets in everything that comes from outside."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from urllib.parse import unquote

from gatekeeper.settings.catalogue import SETTINGS

_MASK = "***"
# Shorter secrets also occur in ordinary words, and protect nothing.
_SHORTEST = 6
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
# A token, or the beginning of a truncated one: each starts with the base64 of `{"`.
_TOKEN = re.compile(r"eyJ[\w-]{3,}(?:\.[\w-]*)*", re.ASCII)


class Redactor:
    """Masks known secrets in texts and response bodies."""

    def __init__(self, secrets: Iterable[str]) -> None:
        # Each line of a key is a secret too, because reports fold and cut texts.
        known = {part for secret in secrets for part in (secret, *secret.splitlines())}
        known |= {json.dumps(part)[1:-1] for part in known}
        self._secrets = sorted(
            (secret for secret in known if len(secret) >= _SHORTEST), key=len, reverse=True
        )

    def with_token(self, token: str) -> Redactor:
        """Return a redactor that also masks a token and each of its parts."""
        redactor = Redactor(())
        parts = (part for part in (token, *token.split(".")) if len(part) >= _SHORTEST)
        # Unlike a key, a token has a single line, and nothing that JSON escapes.
        redactor._secrets = sorted((*self._secrets, *parts), key=len, reverse=True)
        return redactor

    def text(self, text: str) -> str:
        """Return the text with every secret masked, and everything that looks like a token."""
        # Tokens first: with a part masked, the rest would no longer look like a token.
        text = _TOKEN.sub(_MASK, text)
        for secret in self._secrets:
            text = text.replace(secret, _MASK)
        return text

    def body(self, body: bytes) -> bytes:
        """Return the body with every secret masked."""
        for secret in self._secrets:
            body = body.replace(secret.encode(), _MASK.encode())
        return body


def secrets_of(environ: Mapping[str, str]) -> list[str]:
    """Return every secret in an environment: those of the settings and of the proxies."""
    secret_settings = [setting for setting in SETTINGS if setting.secret]
    names = [
        name for setting in secret_settings for name in (setting.variable, setting.input_variable)
    ]
    return [
        *(environ[name].strip() for name in names if environ.get(name)),
        *proxy_passwords(environ),
    ]


def proxy_passwords(environ: Mapping[str, str]) -> list[str]:
    """Return the passwords in the URLs of the proxies: as written, decoded, and as sent."""
    passwords = []
    for name, url in environ.items():
        if name.upper() in _PROXIES:
            # Without a URL parser, because an invalid URL is quoted in full in error messages.
            login, at, _ = url.rpartition("//")[2].partition("@")
            password = login.partition(":")[2]
            is_port = not at and password.isdecimal()
            if password and not is_port:
                sent = base64.b64encode(unquote(login).encode("utf-8", "replace")).decode()
                passwords += [password, unquote(password), sent]
    return passwords
