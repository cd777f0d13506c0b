"""Finds variables of the environment that seem meant for gatekeeper, but that it does not read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from gatekeeper.settings.catalogue import SETTINGS
from gatekeeper.settings.credential_keys import can_be_named
from gatekeeper.settings.file_keys import TOP

_PREFIX = "GATEKEEPER_"
_KNOWN = {setting.variable.removeprefix(_PREFIX): setting.variable for setting in SETTINGS}
_ONLY_IN_FILE = {key.upper().replace("-", "_"): key for key in TOP}
# Kubernetes sets these for each service, and a service can be called "gatekeeper".
_OF_KUBERNETES = re.compile(r"(^|_)(PORT|SERVICE|TCP|UDP)(_|\d|$)")
# Often a pipeline's own variable, for the version of the image.
_OWN = frozenset({"VERSION"})
_SIMILARITY = 0.75


def unread_variables(names: Iterable[str], file_text: str) -> Iterator[str]:
    """Yield a warning for each variable that resembles one that is read; no value is repeated.

    A variable that the configuration file mentions, such as in a comment, is known to its author.
    """
    for name in sorted(names):
        short = name.upper().replace("-", "_").removeprefix(_PREFIX)
        if not name.upper().startswith(_PREFIX) or (_PREFIX + short == name and short in _KNOWN):
            continue
        if _OF_KUBERNETES.search(short) or short in _OWN or name in file_text:
            continue
        if short in _ONLY_IN_FILE and short not in _KNOWN:
            yield f"{name} is not read: set {_ONLY_IN_FILE[short]} in the configuration file"
        elif meant := _nearest(short):
            more = " If not, name it in a [credentials.NAME] table." if can_be_named(name) else ""
            yield f"{name} is not read: did you mean {meant}?{more}"


def _nearest(short: str) -> str:
    """Return the known variable that a name resembles, or is the only one to end with it."""
    from difflib import get_close_matches

    endings = [variable for known, variable in _KNOWN.items() if known.endswith(f"_{short}")]
    near = [_KNOWN[known] for known in get_close_matches(short, _KNOWN, 1, _SIMILARITY)]
    return next(iter(near or (endings if len(endings) == 1 else [])), "")
