"""What is in the files that settings name; each function raises `ValueError` with the reason."""

from __future__ import annotations

from pathlib import Path

from gatekeeper.core.source_map import SourceMap, read_source_map
from gatekeeper.errors import EncodingError, cause_of
from gatekeeper.text_files import read_text


def secret_in(path: Path) -> str:
    """Return a file's text, without whitespace around it.

    An error does not repeat the path: it may be the secret itself, given in its place.
    """
    try:
        text = read_text(path).strip()
    except (OSError, ValueError) as error:
        raise ValueError(f"cannot read the file that it names: {cause_of(error)}") from None
    if not text:
        raise ValueError("the file that it names is empty")
    return text


def is_file(text: str) -> bool:
    """Return whether a text is the path of an existing file."""
    try:
        return Path(text).is_file()
    except (OSError, ValueError):
        return False


def source_map_in(path: Path) -> SourceMap:
    """Return the lines of the steps in a suite's JSON file."""
    try:
        text = read_text(path)
    except (OSError, ValueError) as error:
        raise ValueError(f"cannot read {path}: {cause_of(error)}") from None
    return read_source_map(path.as_posix(), text)


def ca_bundle_at(path: Path) -> Path:
    """Return the path of a file, if it contains CA certificates."""
    # Imported here because few settings name one, and it takes long.
    import ssl

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except ssl.SSLError:
        why = _encoding_problem(path) or "contains no PEM certificates"
        raise ValueError(f"{path} {why}") from None
    except (OSError, ValueError):
        raise ValueError(f"cannot read {path}") from None
    return path


def _encoding_problem(path: Path) -> str:
    """Return why a file that can be read is not text; empty if it is."""
    try:
        read_text(path)
    except EncodingError as error:
        return f"cannot be read: {error}"
    return ""
