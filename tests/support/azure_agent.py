"""A stand-in for the agent of Azure Pipelines: what it gives a step, and what it obeys of its log.

It follows the agent's own source, so that the examples run as on Azure.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from support.ci_scripts import EXAMPLES, run_script

_PREFIX = "##vso["
_ESCAPES = {"%0D": "\r", "%0A": "\n"}
_PROPERTY_ESCAPES = {"%3B": ";", "%5D": "]", **_ESCAPES}
_ISSUES_PER_TYPE = 10
_REFERENCE = re.compile(r"\$\(([\w.]+)\)")
_PARAMETER = re.compile(r"\$\{\{ parameters\.(\w+) \}\}")
_OUTPUT = re.compile(r"\$\[ dependencies\.(\w+)\.outputs\['(\w+)\.(\w+)'\] \]")
# The name of a matrix's job.
_LEG = re.compile(r"[A-Za-z]\w{0,99}", re.ASCII)
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

    `path` is the PATH of its shells. A text of `cancel_at` in the log of a step has the run
    canceled. `artifacts` has those of the earlier jobs.
    """

    folder: Path
    variables: dict[str, str]
    path: str
    cancel_at: str = ""
    log: Log = field(default_factory=Log)
    codes: dict[str, int] = field(default_factory=dict)
    published: dict[str, Path] = field(default_factory=dict)
    artifacts: Mapping[str, Path] = field(default_factory=dict)
    tests: list[Path] = field(default_factory=list)
    failed: bool = False

    def __post_init__(self) -> None:
        self.workspace = self.folder / "1" / "s"
        self.temporary = self.folder / "_temp"
        for folder in (self.workspace, self.temporary):
            folder.mkdir(parents=True, exist_ok=True)
        self.variables = {
            "TF_BUILD": "True",
            "Agent.TempDirectory": str(self.temporary),
            "Build.BuildId": "7",
            "Build.SourceVersion": "1" * 40,
            "System.TeamFoundationCollectionUri": "https://dev.azure.com/team/",
            "System.TeamProject": "Travel app",
            "System.JobAttempt": "1",
            "Build.SourcesDirectory": str(self.workspace),
            **self.variables,
        }

    def run(self, steps: list[dict[str, Any]]) -> None:
        """Run the steps whose conditions hold."""
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
        elif step["task"] == "DownloadPipelineArtifact@2":
            target = Path(self._expanded(step["inputs"]["targetPath"]))
            for name, folder in self.artifacts.items():
                if fnmatch(f"{name}/x", step["inputs"]["itemPattern"].replace("**", "*")):
                    shutil.copytree(folder, target / name)
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
        self.codes[step.get("name", "")] = code
        self.failed |= bool(self.log.problems) or (bool(code) and "continueOnError" not in step)

    def _reads_cancellation(self, line: str) -> bool:
        self.log.read(line)
        return bool(self.cancel_at) and self.cancel_at in line

    def _expanded(self, text: str) -> str:
        """Replace references to variables; one to a variable that there is not stays as it is."""
        names = {name.lower(): value for name, value in self.variables.items()}
        return _REFERENCE.sub(lambda match: names.get(match[1].lower(), match[0]), text)


@dataclass
class Pipeline:
    """The run of an example: its jobs one after the other, each as often as its matrix says."""

    folder: Path
    example: str
    variables: dict[str, str]
    path: str
    cancel_at: str = ""
    jobs: dict[str, Job] = field(default_factory=dict)

    def run(self) -> Job:
        """Run all jobs; return the last one."""
        pipeline = load(self.example)
        variables = _variables(pipeline) | self.variables
        for job in pipeline.get("jobs") or [{"job": "Job", "steps": steps_of(pipeline)}]:
            assert job.get("dependsOn") in {None, *self.jobs, *(n.split()[0] for n in self.jobs)}
            for leg, own in self._matrix(job).items():
                name = " ".join(filter(None, (job["job"], leg)))
                made = Job(self.folder / name, variables | own, self.path, self.cancel_at)
                made.artifacts = {
                    artifact: folder
                    for earlier in self.jobs.values()
                    for artifact, folder in earlier.published.items()
                }
                made.run(job["steps"])
                assert not made.published.keys() & made.artifacts.keys(), "it exists already"
                self.jobs[name] = made
        return made

    def _matrix(self, job: dict[str, Any]) -> dict[str, dict[str, str]]:
        if "strategy" not in job:
            return {"": {}}
        reference = _OUTPUT.fullmatch(job["strategy"]["matrix"])
        assert reference
        name, step, variable = reference.groups()
        assert step in self.jobs[name].codes
        matrix: dict[str, dict[str, str]] = json.loads(self.jobs[name].log.variables[variable])
        assert all(_LEG.fullmatch(leg) for leg in matrix)
        return matrix


def load(example: str) -> dict[str, Any]:
    """Return the content of an example."""
    content: dict[str, Any] = yaml.safe_load((EXAMPLES / example).read_text(encoding="utf-8"))
    return content


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
    template = load(name)
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
