"""What a setting's text means: each function returns its value or raises `ValueError`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from gatekeeper.core.answer.soundness import sound_json
from gatekeeper.core.model import Shard
from gatekeeper.core.outcomes import Check
from gatekeeper.core.result_file.schema import MOST_SHARDS
from gatekeeper.core.source_map import SourceMap, read_source_map
from gatekeeper.errors import cause_of
from gatekeeper.settings.catalogue import REPORTS

_DURATION = re.compile(r"(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?", re.IGNORECASE)
_ATTACHED = re.compile(r"(.+)=\s*(ctr-[!-~]+)")
_MOST_AT_ONCE = 200
_MOST_RETRIES = 5
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*")


def duration(text: str) -> float:
    """Return a duration such as `90s`, `30m` or `1h30m` in seconds."""
    match = _DURATION.fullmatch(text.replace(" ", ""))
    hours, minutes, secs = (int(part or 0) for part in match.groups()) if match else (0, 0, 0)
    total = hours * 3600 + minutes * 60 + secs
    if not total:
        raise ValueError(f"{text!r} is no duration; write it as 90s, 30m or 1h30m")
    return float(total)


def identifier(text: str) -> str:
    """Return an id of the platform; it has no blanks in it."""
    if not text.isprintable() or " " in text:
        raise ValueError(f"{text!r} is no id: it has blanks or control characters in it")
    return text


def language(text: str) -> str:
    """Return a language code."""
    if not _LANGUAGE.fullmatch(text):
        raise ValueError(f"{text!r} is no language code; write it as en or pt_BR")
    return text


def one_of(*choices: str) -> Callable[[str], str]:
    """Return a function that takes one of the choices, whatever its case."""

    def choice(text: str) -> str:
        found = next((choice for choice in choices if choice.lower() == text.lower()), None)
        if found is None:
            raise ValueError(f"{text!r} is none of {', '.join(choices)}")
        return found

    return choice


def switch(text: str) -> bool:
    """Return whether a switch is on."""
    words = {"true": True, "yes": True, "on": True, "1": True}
    words |= {"false": False, "no": False, "off": False, "0": False}
    if text.lower() not in words:
        raise ValueError(f"{text!r} is neither true nor false")
    return words[text.lower()]


def checks(text: str) -> frozenset[Check]:
    """Return the cross-checks named in a text, apart by commas or blanks."""
    return frozenset(map(Check, _several("cross-check", text, tuple(Check))))


def reports(text: str) -> frozenset[str]:
    """Return the reports named in a text, apart by commas or blanks."""
    return frozenset(_several("report", text, REPORTS))


def _several(kind: str, text: str, choices: Sequence[str]) -> list[str]:
    names = [name for name in re.split(r"[\s,]+", text) if name]
    unknown = [name for name in names if name not in choices]
    if unknown:
        raise ValueError(f"there is no {kind} {', '.join(unknown)}; there are {', '.join(choices)}")
    return names


def claims(text: str) -> dict[str, Any]:
    """Return the claims of a JSON object."""
    try:
        found = sound_json(text)
    except ValueError:
        found = None
    if isinstance(found, dict):
        return found
    raise ValueError('it is not a JSON object; write it as {"iss": "…"}')


def is_token(text: str) -> bool:
    """Whether a text can be a token: a header line holds it, so it is of visible ASCII only."""
    return text.isascii() and text.isprintable() and " " not in text


def suites(text: str) -> list[tuple[str, str | None]]:
    """Return the suites that are named in a text, one a line: `NAME`, or `NAME=RUN_ID`.

    With the id of a run, that is attached to.
    """
    found: list[tuple[str, str | None]] = []
    for line in filter(None, map(str.strip, text.split("\n"))):
        match = _ATTACHED.fullmatch(name(line))
        suite = (match[1].strip(), match[2]) if match else (line, None)
        if suite in found:
            raise ValueError(f"{line} is given twice")
        found.append(suite)
    return found


def at_once(text: str) -> int:
    """Return how many may go on at once."""
    return _number(text, 1, _MOST_AT_ONCE)


def how_often(text: str) -> int:
    """Return how often something may be tried again."""
    return _number(text, 0, _MOST_RETRIES)


def _number(text: str, least: int, most: int) -> int:
    if not re.fullmatch(r"[0-9]{1,3}", text) or not least <= int(text) <= most:
        raise ValueError(f"{text!r} is no number from {least} to {most}")
    return int(text)


def shard(text: str) -> Shard:
    """Return which part of a plan a job is, such as `2/3`."""
    match = re.fullmatch(r"([0-9]{1,3})/([0-9]{1,3})", text.replace(" ", ""))
    index, total = (int(part) for part in match.groups()) if match else (0, 0)
    if not 1 <= index <= total <= MOST_SHARDS:
        raise ValueError(
            f"{text!r} is no part of a plan; write it as 2/3, of at most {MOST_SHARDS}"
        )
    return Shard(index, total)


def name(text: str) -> str:
    """Return a name that can be sent and shown."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("it is not text in UTF-8") from None
    return text


def source_map(text: str) -> SourceMap:
    """Return what a suite's JSON file tells about the lines of its steps."""
    try:
        content = Path(text).read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise ValueError(f"{text} cannot be read: {cause_of(error)}") from None
    return read_source_map(Path(text).as_posix(), content)


def ca_bundle(text: str) -> Path:
    """Return the path of a file with CA certificates."""
    # Imported here because few give one, and it takes long.
    import ssl

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(text)
    except ssl.SSLError:
        raise ValueError(f"{text} holds no certificates in PEM") from None
    except (OSError, ValueError):
        raise ValueError(f"{text} cannot be read") from None
    return Path(text)


def file_text(text: str) -> str:
    """Return what a file holds, without the blanks around it.

    An error does not repeat the path, because it may be the secret itself, given in its place.
    """
    try:
        content = Path(text).read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise ValueError(f"the file that it names cannot be read: {cause_of(error)}") from None
    if not content:
        raise ValueError("the file that it names is empty")
    return content
