"""What messages call credentials, and the settings that these consist of."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec


class CredentialsNames(msgspec.Struct, frozen=True):
    """The name of credentials, and what to call a setting in a message about them.

    Both are empty for credentials without a name.
    """

    name: str = ""
    settings: Mapping[str, str] = {}

    @property
    def label(self) -> str:
        """The credentials in words; empty if they have no name."""
        return f'credentials "{self.name}"' if self.name else ""

    def advice(self, text: str) -> str:
        """Return a text of gatekeeper's own about settings, with the names of these ones."""
        if not self.settings:
            return text
        names = "|".join(map(re.escape, sorted(self.settings, key=len, reverse=True)))
        pattern = rf"(?<![\w-])(?:{names})(?![\w-])"
        return re.sub(pattern, lambda found: self.settings[found[0]], text)


UNNAMED = CredentialsNames()
"""The credentials that flags, variables, inputs and the top of the file set."""
