"""The settings: an entry here is all that a setting needs.

Help, docs, both actions, the GitLab component and the file's JSON Schema are held to this list.
"""

from __future__ import annotations

from typing import Any

from gatekeeper.core.outcomes import Check
from gatekeeper.settings.kinds import (
    Choice,
    Count,
    Duration,
    Host,
    Identifier,
    JsonObject,
    Label,
    Language,
    ShardNumber,
    Switch,
    Text,
)
from gatekeeper.settings.lists import Choices, CommandLine, Suites, Tags
from gatekeeper.settings.path_kinds import File, Folder, SecretFile
from gatekeeper.settings.setting import Setting

REPORTS = ("junit", "result", "page", "summary", "badge")

HOST = Setting("host", Host(), "The platform's host or URL, such as bots.kore.ai.")
STREAM_ID = Setting(
    "stream-id",
    Identifier("st-"),
    "The app's stream id (st-…), shown in its General Settings.",
    per_suite=True,
)
TEST_SUITE = Setting(
    "test-suite",
    Suites(),
    "The conversation test suites, one per line; NAME=ctr-… attaches to that run.",
    in_file=False,
)
TEST_RUN_ID = Setting(
    "test-run-id",
    Identifier("ctr-"),
    "Attach to this run (ctr-…) instead of starting one. For a single suite.",
    in_file=False,
)
ATTACH = Setting(
    "attach",
    File(),
    "Attach to the runs in this runs.json, which gatekeeper start wrote.",
    in_file=False,
)
CONFIG = Setting(
    "config",
    File(),
    "The configuration file. By default, gatekeeper.toml if it exists.",
    in_file=False,
)
TAG = Setting(
    "tag",
    Tags(),
    "Run only the configured suites with one of these tags.",
    in_file=False,
)
FAILED_FROM = Setting(
    "failed-from",
    File(),
    "Run only the suites that did not pass in this result.json; the verdict is then partial.",
    in_file=False,
)
CLIENT_ID = Setting("client-id", Text(), "The client id (cs-…) of the app's JWT credentials.")
CLIENT_SECRET = Setting(
    "client-secret",
    Text(),
    "The client secret, which signs HS256 and HS512 tokens.",
    secret=True,
)
CLIENT_SECRET_FILE = Setting(
    "client-secret-file", SecretFile(), "A file that contains the client secret."
)
JWT = Setting("jwt", Text(), "A ready-made token, instead of client id and secret.", secret=True)
JWT_FILE = Setting("jwt-file", SecretFile(), "A file that contains the ready-made token.")
JWT_COMMAND = Setting(
    "jwt-command",
    CommandLine(),
    "A program, with its arguments, that prints a new token for each request.",
    in_file=False,
)
JWT_ALGORITHM = Setting(
    "jwt-algorithm",
    Choice("HS256", "HS512", "RS256", "RS512"),
    "Algorithm that signs the tokens.",
    default="HS256",
)
PRIVATE_KEY = Setting(
    "private-key",
    Text(),
    "The private key (PEM), which signs RS256 and RS512 tokens.",
    secret=True,
)
PRIVATE_KEY_FILE = Setting(
    "private-key-file", SecretFile(), "A file that contains the private key."
)
JWT_CLAIMS = Setting("jwt-claims", JsonObject(), "Extra claims for the token, as a JSON object.")
JWE_KEY = Setting(
    "jwe-key", Text(), "The platform's public key (JWK), for an app that enforces JWE."
)
JWE_KEY_FILE = Setting("jwe-key-file", File(), "A file that contains the platform's public key.")
JWE_ALGORITHM = Setting(
    "jwe-algorithm",
    Choice("RSA-OAEP", "RSA1_5"),
    "Algorithm that encrypts the key of a JWE.",
    default="RSA-OAEP",
)
JWE_ENCRYPTION = Setting(
    "jwe-encryption",
    Choice("A128CBC-HS256", "A128GCM", "A256GCM"),
    "Algorithm that encrypts the token in a JWE.",
    default="A128CBC-HS256",
)
BOT_LANGUAGE = Setting(
    "bot-language", Language(), "The language of the conversation.", default="en"
)
BOT_VERSION = Setting(
    "bot-version",
    Choice("published", "inDevelopment"),
    "Version of the app to test.",
    default="published",
    per_suite=True,
)
USER_EMAIL = Setting(
    "user-email", Text(), "Email of the app's owner or developer who starts the run."
)
TIMEOUT = Setting(
    "timeout",
    Duration(),
    "Time to wait for each suite's verdict, such as 90s, 30m or 1h30m.",
    default="30m",
    per_suite=True,
)
PARALLEL = Setting(
    "parallel", Count(1, 200), "Number of runs to watch at the same time.", default=10
)
RETRIES = Setting(
    "retries",
    Count(0, 5),
    "Number of times to retry a failed suite.",
    default=0,
    per_suite=True,
)
FAIL_ON_FLAKY = Setting("fail-on-flaky", Switch(), "Fail a suite that passes only after a retry.")
SHARD = Setting(
    "shard",
    ShardNumber(),
    "This job's shard of a plan, such as 2/3; merge expects every shard.",
    in_file=False,
)
CA_BUNDLE = Setting(
    "ca-bundle", File(), "A file of CA certificates to trust, for a host with its own CA."
)
ACCEPT = Setting(
    "accept",
    Choices("check", tuple(Check)),
    "Checks to downgrade to warnings.",
    per_suite=True,
)
STRICT_TEXT = Setting(
    "strict-text",
    Switch(),
    "Fail a step if the platform notes a text mismatch.",
    per_suite=True,
)
DOWNLOAD_RESULTS = Setting(
    "download-results",
    Switch(),
    "Also download the platform's results file to results-file in report-dir.",
)
SOURCE_MAP = Setting(
    "source-map",
    File(),
    "The suite's JSON file in the repository; annotations point at its lines.",
)
REPORT_DIR = Setting(
    "report-dir", Folder(), "Folder to write the reports to.", default="gatekeeper-report"
)
REPORTS_TO_WRITE = Setting(
    "reports",
    Choices("report", REPORTS, empty=REPORTS, least=1),
    "Reports to write, by default all.",
)
LABEL = Setting(
    "label",
    Label(),
    "Label that names in the JUnit XML begin with, such as staging.",
)
JUNIT = Setting("junit", File(), "Path of the JUnit XML (default: junit.xml in report-dir).")
JUNIT_PROFILE = Setting(
    "junit-profile",
    Choice("strict", "rich"),
    "Profile of the JUnit XML (rich adds the steps' files and lines from source-map).",
    default="strict",
)
HISTORY = Setting("history", Folder(), "A folder of earlier result.json files, for trends.")
EVENTS = Setting("events", File(), "A file to write events to as they happen, as JSON Lines.")
COMMENT = Setting(
    "comment",
    Choice("always", "failures", "never"),
    "When to comment on the pull or merge request.",
    default="never",
)
GITHUB_TOKEN = Setting(
    "github-token",
    Text(),
    "The job's token (github.token), to comment on the pull request.",
    secret=True,
)
GITLAB_TOKEN = Setting(
    "gitlab-token",
    Text(),
    "A project access token with the scope api, to comment on the merge request.",
    secret=True,
)
QUIET = Setting(
    "quiet",
    Switch(),
    "Log only problems, suites that did not pass, and the verdict.",
)
DEBUG = Setting(
    "debug",
    Switch(),
    "Log each request: its response, duration and reason.",
    # GitHub sets it if a job is re-run with debug logging.
    switched_on_by="RUNNER_DEBUG",
)

SETTINGS: tuple[Setting[Any], ...] = tuple(
    entry for entry in list(globals().values()) if isinstance(entry, Setting)
)
"""All settings, in the order of the entries above."""
BY_NAME = {setting.name: setting for setting in SETTINGS}
SECRET_VARIABLES = tuple(setting.variable for setting in SETTINGS if setting.secret)
