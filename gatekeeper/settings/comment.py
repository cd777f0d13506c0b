"""Reading when to comment on the pull or merge request, and with which token."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from gatekeeper.kore.ca_bundle import ca_bundle_at
from gatekeeper.settings.catalogue import CA_BUNDLE, COMMENT, GITHUB_TOKEN, GITLAB_TOKEN
from gatekeeper.settings.sources import Reader


class Commenting(msgspec.Struct, frozen=True):
    """When to comment, and the tokens by the names of their settings.

    If that is invalid or in a file that cannot be read, `when` is empty: an earlier comment is
    updated all the same, so that it does not show an earlier verdict. `parts` tell the gate from
    others of its job; they are empty if its settings do not say.
    """

    when: str
    tokens: Mapping[str, str] = {}
    parts: tuple[str, ...] = ()
    ca_bundle: Path | None = None

    def may_create(self, *, green: bool) -> bool:
        """Whether a gate can have a first comment, and not only update one."""
        return self.when == "always" or (self.when == "failures" and not green)

    @property
    def is_never(self) -> bool:
        """Whether there is nothing to do."""
        return self.when == "never"


NO_COMMENT = Commenting("never")


def read_commenting(reader: Reader, parts: Iterable[str]) -> Commenting:
    """Read the settings of the comment. A missing token is no problem: forks have none."""
    when = "" if reader.is_unknown(COMMENT) else reader.read(COMMENT)
    if when == "never":
        return NO_COMMENT
    tokens = {setting.name: reader.read(setting) for setting in (GITHUB_TOKEN, GITLAB_TOKEN)}
    if not when and not any(tokens.values()):
        return NO_COMMENT
    return Commenting(when, tokens, tuple(parts), reader.load(CA_BUNDLE, ca_bundle_at, None))
