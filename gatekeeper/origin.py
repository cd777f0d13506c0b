"""Where gatekeeper is published: the names that `make adopt` replaces by their owner's."""

from __future__ import annotations

from gatekeeper import __version__

REPOSITORY = "OWNER/gatekeeper"
"""The repository on GitHub, which has the actions."""
IMAGE = f"ghcr.io/owner/gatekeeper:{__version__}"
"""The image of this version."""
VERSION_TAG = f"v{__version__}"
ACTION = f"{REPOSITORY}@{VERSION_TAG}"
"""The GitHub action of this version."""


def is_placeholder(name: str) -> bool:
    """Return whether an image or an action still has the placeholder in place of its owner."""
    return "owner" in name.lower().split("/")
