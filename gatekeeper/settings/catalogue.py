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
    Setting("host", "The platform's host or URL, such as bots.kore.ai."),
    Setting("stream-id", "The app's stream id (st-…), shown in its General Settings."),
    Setting(
        "test-suite",
        "The conversation test suites, one per line; NAME=ctr-… attaches to that run.",
        repeated=True,
    ),
    Setting(
        "test-run-id", "Attach to this run (ctr-…) instead of starting one. For a single suite."
    ),
    Setting("config", "The configuration file. By default, gatekeeper.toml if it exists."),
    Setting(
        "tag",
        "Run only the configured suites with one of these tags (separated by commas or lines).",
        repeated=True,
    ),
    Setting("client-id", "The client id (cs-…) of the app's JWT credentials."),
    Setting("client-secret", "The client secret, which signs HS256 and HS512 tokens.", secret=True),
    Setting("client-secret-file", "A file that contains the client secret."),
    Setting("jwt", "A ready-made token, instead of client id and secret.", secret=True),
    Setting("jwt-file", "A file that contains the ready-made token."),
    Setting("jwt-algorithm", f"Algorithm that signs the tokens: {', '.join(ALGORITHMS)}.", "HS256"),
    Setting(
        "private-key", "The private key (PEM), which signs RS256 and RS512 tokens.", secret=True
    ),
    Setting("private-key-file", "A file that contains the private key."),
    Setting("jwt-claims", "Extra claims for the token, as a JSON object."),
    Setting("bot-language", "The language of the conversation.", "en"),
    Setting("bot-version", "Version of the app to test: published or inDevelopment.", "published"),
    Setting("user-email", "Email of the app's owner or developer who starts the run."),
    Setting("timeout", "Time to wait for each suite's verdict, such as 90s, 30m or 1h30m.", "30m"),
    Setting("parallel", "Number of runs to watch at the same time.", "10"),
    Setting("retries", "Number of times to retry a failed suite.", "0"),
    Setting("fail-on-flaky", "Fail a suite that passes only after a retry.", switch=True),
    Setting("shard", "This job's shard of a plan, such as 2/3; merge expects every shard."),
    Setting("ca-bundle", "A file of CA certificates to trust, for a host with its own CA."),
    Setting(
        "accept", f"Checks to downgrade to warnings (comma-separated): {CHECKS}.", repeated=True
    ),
    Setting("strict-text", "Fail a step if the platform notes a text mismatch.", switch=True),
    Setting(
        "download-results",
        "Also download the platform's results file to results-file in report-dir.",
        switch=True,
    ),
    Setting(
        "source-map", "The suite's JSON file in the repository; annotations point at its lines."
    ),
    Setting("report-dir", "Folder to write the reports to.", "gatekeeper-report"),
    Setting(
        "reports",
        f"Reports to write (comma-separated): {', '.join(REPORTS)}. Default: all.",
        repeated=True,
    ),
    Setting("junit", "Path of the JUnit XML (default: junit.xml in report-dir)."),
    Setting("history", "A folder of earlier result.json files, for trends."),
    Setting("debug", "Log each request: its response, duration and reason.", switch=True),
)
BY_NAME = {setting.name: setting for setting in SETTINGS}
