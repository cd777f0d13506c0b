"""A file of CA certificates; apart from the other checks, because reading settings needs it."""

from __future__ import annotations

from pathlib import Path

from gatekeeper.errors import EncodingError, cause_of
from gatekeeper.text_files import read_utf8


def ca_bundle_at(path: Path) -> Path:
    """Return the path of a file, if it contains CA certificates; raises `ValueError`."""
    # Imported here because few settings name one, and it takes long.
    import ssl

    try:
        is_pipe = path.is_fifo()
        if not is_pipe:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except ssl.SSLError:
        raise ValueError(_why_no_certificates(path)) from None
    except (OSError, ValueError) as error:
        raise ValueError(f"cannot read {path}: {cause_of(error)}") from None
    if is_pipe:
        # Each connection reads it, so a pipe would be empty, or block, after the first one.
        raise ValueError(f"{path} is a pipe, but the file is read several times")
    return path


def _why_no_certificates(path: Path) -> str:
    try:
        read_utf8(path)
    except (EncodingError, OSError) as error:
        return f"cannot read {path}: {cause_of(error)}"
    return f"{path} contains no PEM certificates"
