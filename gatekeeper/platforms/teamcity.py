"""TeamCity: blocks, messages, tests, parameters and the build's status, by service messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from gatekeeper.console import Console
from gatekeeper.core.model import Gate, Pipeline
from gatekeeper.core.reports.annotations import annotations_of
from gatekeeper.core.source_map import SourceMap
from gatekeeper.core.text import cut_middle, inert, printable
from gatekeeper.platforms.base import Platform

_MESSAGES_PER_STATUS = 10
_MESSAGE_LIMIT = 4000
_BLOCK = "gatekeeper"
_ESCAPES = {"|": "||", "'": "|'", "\n": "|n", "\r": "|r", "[": "|[", "]": "|]"}


class TeamCity(Platform):
    """A step of a build on TeamCity."""

    name = "teamcity"

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__(environ)
        self._has_imported = False

    @classmethod
    def detects(cls, environ: Mapping[str, str]) -> bool:
        """Return whether this is a step on TeamCity, whose agent reads the log."""
        return bool(environ.get("TEAMCITY_VERSION"))

    @property
    def job(self) -> Pipeline:
        """The commit, if the build has a single one, and the link to the build.

        The builds of a chain have no id in common.
        """
        commits = {
            commit
            for name, commit in self._environ.items()
            if commit and (name == "BUILD_VCS_NUMBER" or name.startswith("BUILD_VCS_NUMBER_"))
        }
        commit = commits.pop() if len(commits) == 1 else None
        return Pipeline(commit, self._environ.get("BUILD_URL"))

    @property
    def shows_colour(self) -> bool:
        """Build logs are always displayed with colours."""
        return True

    def _section_start(self, title: str) -> Sequence[str]:
        return [service_message("blockOpened", name=_BLOCK, description=title)]

    def _section_end(self) -> Sequence[str]:
        return [service_message("blockClosed", name=_BLOCK)]

    def annotate(self, gate: Gate, source_map: SourceMap | None, console: Console) -> None:
        """Show the worst of what did not pass, and of the warnings, as important messages."""
        for annotation in annotations_of(gate, source_map, _MESSAGES_PER_STATUS):
            text = cut_middle(f"{annotation.title}: {annotation.message}", _MESSAGE_LIMIT)
            status = "WARNING" if annotation.is_warning else "ERROR"
            console.command(service_message("message", text=text, status=status))

    def publish_outputs(self, outputs: Mapping[str, str], console: Console) -> None:
        """Import the tests, set parameters such as `gatekeeper.verdict`, and the build's status."""
        junit = outputs.get("junit")
        if junit and Path(junit).is_file() and not self._has_imported:
            self._has_imported = True
            console.command(service_message("importData", type="junit", path=junit))
        for name, value in outputs.items():
            # A parameter's value can refer to other parameters, as `%name%`.
            text = value.replace("%", "%%")
            console.command(service_message("setParameter", name=f"gatekeeper.{name}", value=text))
        if headline := outputs.get("headline"):
            status = f"{{build.status.text}}; {headline}"
            console.command(service_message("buildStatus", text=status))


def service_message(kind: str, /, **values: str) -> str:
    """Return a service message: one line of ASCII, whatever is in the values."""
    attributes = "".join(
        f" {name}='{_escaped(inert(printable(value)))}'" for name, value in values.items()
    )
    return f"##teamcity[{kind}{attributes}]"


def _escaped(text: str) -> str:
    return "".join(
        _ESCAPES.get(char) or (char if " " <= char <= "~" else _code_units(char)) for char in text
    )


def _code_units(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass").hex(" ", 2).upper().split()
    return "".join(f"|0x{unit}" for unit in units)
