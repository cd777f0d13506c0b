"""Settings as a command reads them, with every problem of them raised."""

from collections.abc import Mapping
from typing import Any

from gatekeeper.settings.load import Settings, examine


def read_settings(flags: Mapping[str, Any], environ: Mapping[str, str]) -> Settings:
    """Read all settings of the gate; raises `ConfigurationError`."""
    reader, settings = examine(flags, environ)
    reader.finish()
    return settings
