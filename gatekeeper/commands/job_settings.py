"""The settings of `gate`, as the job of a CI platform gives them."""

from __future__ import annotations

import os
from collections.abc import Container, Mapping
from typing import Any

from gatekeeper.platforms.base import Platform
from gatekeeper.settings.credential_keys import secret_variables
from gatekeeper.settings.gate_settings import Settings
from gatekeeper.settings.load import examine
from gatekeeper.settings.sources import Reader


def examine_job(
    flags: Mapping[str, Any], platform: Platform, ignored: Container[str] = ()
) -> tuple[Reader, Settings]:
    """Read the settings of `gate` as this job gives them; the reader has the problems.

    The environment variables that are `ignored` are not read.
    """
    environ = platform.environ_for(secret_variables(os.environ))
    return examine(
        flags,
        {name: value for name, value in environ.items() if name not in ignored},
        why_no_secrets=platform.why_no_secrets,
        job=platform.job,
    )
