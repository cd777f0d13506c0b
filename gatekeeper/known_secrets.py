"""Which texts are secrets: those of the settings, the proxies' logins, and what looks like one."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from urllib.parse import unquote

from gatekeeper.settings.catalogue import SETTINGS
from gatekeeper.settings.credential_keys import secret_variables

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_PEM = re.compile(r"""-----BEGIN [^-]*-----[^"']*""")
# A name in camel case changes between capitals, small letters and digits less often than that.
_LEAST_CHANGES = 0.2
_SHORTEST_RANDOM = 20
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z0-9+=_-]{20,}", re.ASCII)
_VALUE = re.compile(r"""[^\s"'`]+""")
_OF_A_SECRET = re.compile(r"--[\w-]*(?:secret|jwt|token|key|passw)[\w-]*", re.IGNORECASE)


def secrets_of(environ: Mapping[str, str]) -> list[str]:
    """Return every secret in an environment: those of settings, credentials and proxies."""
    inputs = [setting.input_variable for setting in SETTINGS if setting.secret]
    names = [*secret_variables(environ), *inputs]
    return [*(environ[name].strip() for name in names if environ.get(name)), *proxy_logins(environ)]


def proxy_logins(environ: Mapping[str, str]) -> list[str]:
    """Return the secrets in the URLs of the proxies.

    The HTTP library takes for the login what is before the last `@`; in an invalid URL, which an
    error message quotes in full, its login may end elsewhere. So each reading is a secret.
    """
    found: list[str] = []
    for name, url in environ.items():
        if name.upper() not in _PROXIES or not url.strip():
            continue
        rest = url.strip().partition("://")[2] or url.strip().removeprefix("//")
        for part in (rest, re.split(r"[/?#]", rest, maxsplit=1)[0]):
            login, at, _ = part.rpartition("@")
            found += _login(login) if at else _port_or_password(part)
    return list(dict.fromkeys(found))


def _login(login: str) -> Iterator[str]:
    user, colon, password = login.partition(":")
    for text in (login, password) if colon else (user,):
        yield text
        yield unquote(text)
        yield unquote(text, "latin-1")
    yield _basic(login if colon else f"{user}:")


def _port_or_password(part: str) -> Iterator[str]:
    """Yield what follows the colon, if it is no port: an `@` may be missing."""
    text = part.partition(":")[2].rstrip("/")
    if text and not re.match(r"[0-9]{1,5}(?:[/?#]|$)", text):
        yield text


def _basic(login: str) -> str:
    """Return the login as the header of the proxy has it."""
    text = unquote(login)
    try:
        data = text.encode("latin-1")
    except UnicodeEncodeError:
        data = text.encode("utf-8", "replace")
    return base64.b64encode(data).decode()


def secret_like(texts: Iterable[str]) -> list[str]:
    """Return the parts of these texts that look like keys, or like secrets made at random.

    Tokens are not among them: they are recognised in any text.
    """
    found: list[str] = []
    for text in texts:
        found += _PEM.findall(text)
        for value in _VALUE.findall(text):
            if words := [*filter(_is_random, _WORD.findall(_UUID.sub(" ", value)))]:
                # All of the value, as base64 may have a slash anywhere.
                found += (value, *words)
    return found


def secrets_of_arguments(arguments: Iterable[str]) -> list[str]:
    """Return the parts of a command line that look like secrets, or follow the name of one."""
    found: list[str] = []
    name = ""
    for argument in arguments:
        flag, equals, value = argument.partition("=")
        if equals and _OF_A_SECRET.fullmatch(flag):
            found.append(value)
        elif _OF_A_SECRET.fullmatch(name) and not argument.startswith("--"):
            found.append(argument)
        name = argument
        found += secret_like([argument])
    return found


def _is_random(word: str) -> bool:
    kinds = [_kind(sign) for sign in word if sign.isalnum()]
    changes = sum(
        left != right and (left, right) != ("capital", "small") for left, right in pairwise(kinds)
    )
    return "digit" in kinds and len(set(kinds)) > 1 and changes >= _LEAST_CHANGES * len(word)


def _kind(sign: str) -> str:
    if sign.isdigit():
        return "digit"
    if sign.isupper():
        return "capital"
    return "small"
