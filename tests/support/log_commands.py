"""What the CI platforms obey in the log of a job, whichever of them shows it."""

import re

# A comparison by Unicode's rules, as of the runners of GitHub and Azure, skips these.
_SKIPPED = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff]"
)
_COMMANDS = {
    "GitHub": re.compile(r"\s*::|.*##\["),
    "Azure Pipelines": re.compile(r".*##(?:vso)?\["),
    "TeamCity": re.compile(r".*##teamcity\["),
    "Buildkite": re.compile(r"(?:---|\+\+\+|~~~|\^\^\^)\s"),
    "Travis CI": re.compile(r".*(?:fold|time):(?:start|end|duration):"),
    "GitLab": re.compile(r".*section_(?:start|end):\d+:[\w.-]+(?:\[[^\]]*\])?\r?\x1b\[0K"),
}


def commands_in(log: str) -> list[tuple[str, str]]:
    """Return each line that a platform would obey, with the platform's name."""
    return [
        (platform, line)
        for line in re.split("\r\n|\r|\n", log)
        for platform, pattern in _COMMANDS.items()
        if pattern.match(_SKIPPED.sub("", line))
    ]
