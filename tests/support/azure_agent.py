"""A stand-in for the agent of Azure Pipelines: what it gives a step, and what it obeys of its log.

It follows the agent's own source, so that the examples run as on Azure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from support.ci_scripts import EXAMPLES, commands, run_script

_PREFIX = "##vso["
_ESCAPES = {"%0D": "\r", "%0A": "\n"}
_PROPERTY_ESCAPES = {"%3B": ";", "%5D": "]", **_ESCAPES}
_ISSUES_PER_TYPE = 10
_REFERENCE = re.compile(r"\$\(([\w.]+)\)")
_PARAMETER = re.compile(r"\$\{\{ parameters\.(\w+) \}\}")
_KNOWN = {"task.logissue", "task.setsecret", "task.setvariable", "task.uploadsummary"}


class Command(NamedTuple):
    """A logging command."""

    name: str
    properties: dict[str, str]
    data: str


def command_in(line: str) -> Command | None:
    """Return the logging command in a line: anywhere, up to the first bracket that closes it."""
    place = line.lower().find(_PREFIX)
    head, bracket, data = line[place + len(_PREFIX) :].partition("]")
    if place < 0 or not bracket:
        return None
    name, _, rest = head.partition(" ")
    pairs = [pair.partition("=") for pair in rest.split(";") if "=" in pair]
    properties = {key.strip(): _unescaped(value, _PROPERTY_ESCAPES) for key, _, value in pairs}
    return Command(name.lower(), properties, _unescaped(data, _ESCAPES))


def _unescaped(text: str, escapes: Mapping[str, str]) -> str:
    for escape, character in {**escapes, "%AZP25": "%"}.items():
        text = text.replace(escape, character)
    return text


@dataclass
class Log:
    """A step's log, and what the agent obeyed of it."""

    lines: list[str] = field(default_factory=list)
    issues: list[Command] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    summaries: list[str] = field(default_factory=list)
    masks: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def read(self, line: str) -> None:
        """Take in a line of standard output or error."""
        command = command_in(line)
        if command is None:
            for mask in self.masks:
                line = line.replace(mask, "***")
            self.lines.append(line)
        elif command.name not in _KNOWN:
            self.problems.append(line)
        elif command.name == "task.logissue":
            kind = command.properties["type"]
            if sum(issue.properties["type"] == kind for issue in self.issues) < _ISSUES_PER_TYPE:
                self.issues.append(command)
        elif command.name == "task.setsecret":
            self.masks.append(command.data)
        elif command.name == "task.setvariable":
            assert command.properties["isoutput"] == "true"
            self.variables[command.properties["variable"]] = command.data
        else:
            # It fails a step if the file is not there, as seen by the agent.
            path = Path(command.data)
            assert path.is_absolute()
            self.summaries.append(path.read_text(encoding="utf-8"))

    @property
    def text(self) -> str:
        """All of the log, without commands."""
        return "\n".join(self.lines)


@dataclass
class Job:
    """A job, whose steps are run one after the other; `variables` override those of its file.

    A text of `cancel_at` in the log of a step has the run canceled.
    """

    folder: Path
    variables: dict[str, str]
    cancel_at: str = ""
    log: Log = field(default_factory=Log)
    codes: dict[str, int] = field(default_factory=dict)
    published: dict[str, Path] = field(default_factory=dict)
    tests: list[Path] = field(default_factory=list)
    failed: bool = False

    def __post_init__(self) -> None:
        self.workspace = self.folder / "1" / "s"
        self.temporary = self.folder / "_temp"
        for folder in (self.workspace, self.temporary):
            folder.mkdir(parents=True, exist_ok=True)
        self.path = commands(self.folder / "bin")
        self.variables = {
            "TF_BUILD": "True",
            "Agent.TempDirectory": str(self.temporary),
            "Build.BuildId": "7",
            "Build.SourceVersion": "1" * 40,
            "System.TeamFoundationCollectionUri": "https://dev.azure.com/team/",
            "System.TeamProject": "Travel app",
            "System.JobAttempt": "1",
            **self.variables,
        }

    def run(self, example: str) -> None:
        """Run the steps of an example, in a pipeline or the template that it extends."""
        pipeline = yaml.safe_load((EXAMPLES / example).read_text(encoding="utf-8"))
        self.variables = _variables(pipeline) | self.variables
        steps = steps_of(pipeline)
        for step in steps:
            condition = step.get("condition", "succeeded()")
            assert condition in ("always()", "succeeded()")
            if condition == "always()" or not self.failed:
                self._step(step)

    def _step(self, step: dict[str, Any]) -> None:
        if "bash" in step:
            self._bash(step)
        elif "publish" in step:
            folder = self.workspace / step["publish"]
            assert folder.is_dir()
            self.published[self._expanded(step["artifact"])] = folder
        else:
            assert step["task"] == "PublishTestResults@2"
            self.tests += self.workspace.glob(step["inputs"]["testResultsFiles"])

    def _bash(self, step: dict[str, Any]) -> None:
        environ = {name.upper().replace(".", "_"): text for name, text in self.variables.items()}
        # Secrets have to be mapped.
        environ = {name: text for name, text in environ.items() if not name.startswith("KORE_")}
        environ |= {name: self._expanded(text) for name, text in step.get("env", {}).items()}
        script = self.folder / f"{len(self.codes)}.sh"
        script.write_text(self._expanded(step["bash"]), encoding="utf-8")
        code, _ = run_script(
            ("bash", "--noprofile", "--norc", str(script)),
            self.workspace,
            {"PATH": self.path, **environ},
            self._reads_cancellation,
        )
        self.codes[step["name"]] = code
        self.failed |= bool(code or self.log.problems)

    def _reads_cancellation(self, line: str) -> bool:
        self.log.read(line)
        return bool(self.cancel_at) and self.cancel_at in line

    def _expanded(self, text: str) -> str:
        """Replace references to variables; one to a variable that there is not stays as it is."""
        names = {name.lower(): value for name, value in self.variables.items()}
        return _REFERENCE.sub(lambda match: names.get(match[1].lower(), match[0]), text)


def _variables(pipeline: dict[str, Any]) -> dict[str, str]:
    given = pipeline.get("variables", {})
    if isinstance(given, list):
        given = {one["name"]: one["value"] for one in given if "name" in one}
    return {name: str(value) for name, value in given.items()}


def steps_of(pipeline: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the steps of a pipeline, or those of the template that it extends."""
    if "extends" not in pipeline:
        steps: list[dict[str, Any]] = pipeline["steps"]
        return steps
    name, _, repository = pipeline["extends"]["template"].partition("@")
    assert repository in [one["repository"] for one in pipeline["resources"]["repositories"]]
    template = yaml.safe_load((EXAMPLES / name).read_text(encoding="utf-8"))
    given = pipeline["extends"]["parameters"]
    known = {one["name"]: one.get("default") for one in template["parameters"]}
    assert given.keys() <= known.keys()
    parameters = known | given
    filled: list[dict[str, Any]] = _filled(template["steps"], parameters)
    return filled


def _filled(value: Any, parameters: Mapping[str, Any]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(one, parameters) for key, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, parameters) for one in value]
    if isinstance(value, str):
        return _PARAMETER.sub(lambda match: str(parameters[match[1]]), value)
    return value
