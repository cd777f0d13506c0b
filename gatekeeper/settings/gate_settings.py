"""The settings of `gate`: those of the whole gate, and those of each suite."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from gatekeeper.core.model import Partial, Shard, StartedBy
from gatekeeper.core.runs_file import SavedStart
from gatekeeper.core.verdict.policy import Policy
from gatekeeper.core.verdict.target import Target
from gatekeeper.kore.credentials_names import UNNAMED, CredentialsNames
from gatekeeper.kore.token import Credentials
from gatekeeper.settings.reporting import Reporting


class SuiteSettings(msgspec.Struct, frozen=True):
    """The settings of one run; with a `test_run_id`, the gate attaches to that run.

    If `expects_version`, the result must be of `bot_version`: always, unless the gate attaches to a
    run and nobody chose a version. `timeout` is in seconds, from the moment when this run starts.
    `retries` is how often a failed run may be started again. `credentials` are the names of those
    whose tokens its requests have. If `gatekeeper start` was to start it, `start` is what came of
    that, and `started_by` says when it started the run.
    """

    test_suite: str
    test_run_id: str | None
    stream_id: str
    bot_language: str
    bot_version: str
    user_email: str
    timeout: float
    policy: Policy
    retries: int
    expects_version: bool = True
    credentials: CredentialsNames = UNNAMED
    start: SavedStart | None = None
    started_by: StartedBy | None = None

    @property
    def target(self) -> Target:
        """What the response has to be about."""
        return Target(
            self.test_suite,
            self.test_run_id,
            self.stream_id,
            self.bot_version if self.expects_version else None,
            self.bot_language,
            started=self.test_run_id is None or self.started_by is not None,
        )


class Settings(msgspec.Struct, frozen=True):
    """All settings of `gate`; at most `parallel` runs are watched at the same time.

    `credentials` are by their names; those without a name have an empty one. `shard` is the job's
    shard of a plan, if there is one. `warnings` are about the configuration; `host_note` says who
    else could read a token, if that is not clear from the environment. A gate that is `partial`
    leaves out suites that passed earlier.
    """

    host: str
    suites: tuple[SuiteSettings, ...]
    credentials: Mapping[str, Credentials]
    parallel: int
    fail_on_flaky: bool
    shard: Shard | None
    ca_bundle: Path | None
    reporting: Reporting
    download_results: bool
    debug: bool
    warnings: tuple[str, ...] = ()
    host_note: str = ""
    partial: Partial | None = None

    @property
    def secrets(self) -> list[str]:
        """The texts of all credentials to mask from the start."""
        return [secret for each in self.credentials.values() for secret in each.secrets]

    @property
    def credentials_in_use(self) -> Mapping[str, CredentialsNames]:
        """The credentials that the runs use, by their names; those without a name have ""."""
        return {suite.credentials.name: suite.credentials for suite in self.suites}

    def interrupt(self) -> None:
        """End what the making of tokens may be waiting for."""
        for credentials in self.credentials.values():
            credentials.interrupt()

    def longest_timeout(self, credentials: str) -> float:
        """Return the longest that a token of these credentials may be in use, in seconds."""
        timeouts = (each.timeout for each in self.suites if each.credentials.name == credentials)
        return max(timeouts, default=0.0)
