"""Who could read a token: a note if a file of the checkout decides where tokens are sent."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gatekeeper.core.text import one_line
from gatekeeper.settings.catalogue import CONFIG, HOST, JWT_COMMAND, SETTINGS
from gatekeeper.settings.config_file import DEFAULT
from gatekeeper.settings.path_kinds import SecretFile
from gatekeeper.settings.reporting import workspace_of
from gatekeeper.settings.sources import Reader


def host_note(reader: Reader, environ: Mapping[str, str]) -> str:
    """Return a sentence if the host comes from the checkout and a secret does not; else nothing."""
    path = reader.read(CONFIG) or Path(DEFAULT)
    if not reader.in_file(HOST) or reader.overrides_file(HOST):
        return ""
    if not _is_within(path, workspace_of(environ)) or not (source := _source_of_secret(reader)):
        return ""
    file = one_line(str(path))
    return (
        f"host comes from {file}, a file of the checkout, and the secret from {source}: anyone who "
        f"can change {file} can have this job's tokens sent to another host; to rule that out, set "
        f"{HOST.variable}"
    )


def _source_of_secret(reader: Reader) -> str:
    """Return where a secret is given outside of the file."""
    for setting in SETTINGS:
        is_file = isinstance(setting.kind, SecretFile)
        is_secret = setting.secret or is_file or setting is JWT_COMMAND
        if is_secret and reader.overrides_file(setting):
            return reader.source(setting)
    return ""


def _is_within(path: Path, folder: Path) -> bool:
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError):
        return True
