"""CI platforms: what each one says about the job, and what it takes from a gate.

A new platform is a module with a subclass of `Platform`, and an entry in `PLATFORMS`.
"""

from __future__ import annotations

from collections.abc import Mapping

from gatekeeper.platforms.azure import Azure
from gatekeeper.platforms.base import Platform
from gatekeeper.platforms.bitbucket import Bitbucket
from gatekeeper.platforms.circleci import CircleCI
from gatekeeper.platforms.github import GitHub
from gatekeeper.platforms.gitlab import GitLab
from gatekeeper.platforms.jenkins import Jenkins
from gatekeeper.platforms.teamcity import TeamCity

PLATFORMS: tuple[type[Platform], ...] = (
    GitHub,
    GitLab,
    Azure,
    Bitbucket,
    CircleCI,
    TeamCity,
    Jenkins,
)
"""In the order of their detection. Jenkins is last: its variables have the most general names, and
TeamCity's builds have some of them."""

PLAN_FORMATS = {platform.name: platform for platform in (GitHub, GitLab, Azure, Jenkins)}
"""The platforms whose jobs `plan` can print, by the name of the format."""


def detect(environ: Mapping[str, str]) -> Platform:
    """Return the CI platform that the environment variables belong to."""
    detected = (platform for platform in PLATFORMS if platform.detects(environ))
    return next(detected, Platform)(environ)
