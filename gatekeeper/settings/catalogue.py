"""The settings that there are: flags, variables, inputs, help and README are held to this list."""

from __future__ import annotations

from typing import NamedTuple

from gatekeeper.core.outcomes import Check

ALGORITHMS = ("HS256", "HS512", "RS256", "RS512")
CHECKS = ", ".join(Check)
REPORTS = ("junit", "result", "page", "summary", "badge")


class Setting(NamedTuple):
    """One setting: its name, what it is for, its default, and how it is given.

    A `secret` has no flag, because a command line is there for every process to read. A `switch`
    is on or off. The flag of a `repeated` one can be given several times.
    """

    name: str
    help: str
    default: str = ""
    secret: bool = False
    switch: bool = False
    repeated: bool = False

    @property
    def flag(self) -> str | None:
        """The command-line flag; none for a secret."""
        return None if self.secret else f"--{self.name}"

    @property
    def variable(self) -> str:
        """The environment variable."""
        return f"GATEKEEPER_{self.name.upper().replace('-', '_')}"

    @property
    def input_variable(self) -> str:
        """The variable by which GitHub hands over the input of this name."""
        return f"INPUT_{self.name.upper()}"


SETTINGS = (
    Setting("host", "Where the platform is: a URL or a bare host, such as bots.kore.ai."),
    Setting("stream-id", "The app's stream id (its General Settings show it): st-…"),
    Setting(
        "test-suite",
        "The conversation test suites, one a line; NAME=ctr-… attaches to that run.",
        repeated=True,
    ),
    Setting("test-run-id", "Attach to this run (ctr-…) instead of starting one: for one suite."),
    Setting("config", "The configuration file; gatekeeper.toml is read where it is there."),
    Setting(
        "tag",
        "Run the configuration's suites that have this tag. Several by commas or lines.",
        repeated=True,
    ),
    Setting("client-id", "The client id of the app's JWT credentials: cs-…"),
    Setting("client-secret", "The client secret; HS256 and HS512 sign with it.", secret=True),
    Setting("client-secret-file", "A file that holds the client secret."),
    Setting("jwt", "A ready token, in place of client id and secret.", secret=True),
    Setting("jwt-file", "A file that holds the ready token."),
    Setting("jwt-algorithm", f"How tokens are signed: {', '.join(ALGORITHMS)}.", "HS256"),
    Setting("private-key", "The private key (PEM); RS256 and RS512 sign with it.", secret=True),
    Setting("private-key-file", "A file that holds the private key."),
    Setting("jwt-claims", "Extra claims for the token, as a JSON object."),
    Setting("bot-language", "The language of the conversation.", "en"),
    Setting("bot-version", "The app's version to test: published or inDevelopment.", "published"),
    Setting("user-email", "Whose run it is: the owner or a developer. Needed to start a run."),
    Setting("timeout", "How long to wait for the verdict, such as 90s, 30m or 1h30m.", "30m"),
    Setting("parallel", "How many runs are watched at once, of several suites.", "10"),
    Setting("retries", "How often a suite that failed is started again.", "0"),
    Setting("fail-on-flaky", "Fail a suite that passes only when tried again.", switch=True),
    Setting("shard", "Which part of a plan this job is, such as 2/3; merge holds it to that."),
    Setting("ca-bundle", "A file of CA certificates to trust, for a host with its own CA."),
    Setting("accept", f"Cross-checks to warn of only: {CHECKS}. Several by commas.", repeated=True),
    Setting("strict-text", "Fail a step whose text the platform notes as a mismatch.", switch=True),
    Setting(
        "download-results",
        "Also keep the platform's results file, as results-file in report-dir.",
        switch=True,
    ),
    Setting("source-map", "The suite's JSON in the repository: annotations point at its lines."),
    Setting("report-dir", "The folder that the reports are written to.", "gatekeeper-report"),
    Setting(
        "reports",
        f"The reports to write: {', '.join(REPORTS)} (default: all). Several by commas.",
        repeated=True,
    ),
    Setting("junit", "A path of its own for the JUnit XML (default: junit.xml in report-dir)."),
    Setting("history", "A folder of earlier result.json files, for trends."),
    Setting("debug", "Log each request: what was asked and answered, and when.", switch=True),
)
BY_NAME = {setting.name: setting for setting in SETTINGS}
