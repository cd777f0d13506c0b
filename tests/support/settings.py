"""Settings as a command reads them."""

from collections.abc import Mapping
from typing import Any

from gatekeeper.settings.gate_settings import Settings
from gatekeeper.settings.load import examine


def read_settings(flags: Mapping[str, Any], environ: Mapping[str, str]) -> Settings:
    """Read all settings of the gate; raises `ConfigurationError` with all problems."""
    reader, settings = examine(flags, environ)
    reader.finish()
    return settings
