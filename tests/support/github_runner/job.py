"""A job on GitHub's runner, as far as its steps can tell."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from support.github_runner.commands import Log, Refused, outputs_of, summary_of
from support.github_runner.expressions import evaluated, holds

# Who owns a job's files on GitHub's hosted runners, where a container runs as root all the same.
# Who is not root can own files only itself.
RUNNER = 1001 if os.getuid() == 0 else os.getuid()
# How long a step that was cancelled has, in seconds, before it is terminated.
_GRACE_SECONDS = 7.5
_FILES = ("output", "step_summary", "env", "path", "state")
# What of the job's folder a container sees, and where.
_MOUNTS = {
    "workspace": "/github/workspace",
    "file_commands": "/github/file_commands",
    "home": "/github/home",
    "workflow": "/github/workflow",
}


@dataclass(frozen=True)
class Ended:
    """What came of a step; its code is `None` where nothing of it was run here."""

    log: Log
    code: int | None = None
    outputs: Mapping[str, str] = field(default_factory=dict)
    summary: str | None = None
    problems: tuple[str, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether the step has failed in GitHub's eyes."""
        return bool(self.code or self.problems)


@dataclass
class Job:
    """A job: its steps are run one after the other in one workspace.

    `actions` has the folders of the actions that can be run, by their name before the `@`, and of
    the repositories that can be checked out; of any other, only its use is noted, with its inputs.
    `images` has the image to take for a Dockerfile,
    `network` is the one that containers are in, and `owner` is the user that the job's files belong
    to. A text of `cancel_at` in the log of a step has the job cancelled. `outputs` has those of its
    steps, by their ids.
    """

    folder: Path
    actions: Mapping[str, Path]
    images: Mapping[str, str] = field(default_factory=dict)
    network: str = "bridge"
    owner: int = field(default_factory=os.getuid)
    vars: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    needs: Mapping[str, Any] = field(default_factory=dict)
    matrix: Mapping[str, Any] = field(default_factory=dict)
    event: str = "push"
    cancel_at: str | None = None
    used: dict[str, Mapping[str, str]] = field(default_factory=dict)
    failed: bool = False
    outputs: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in _MOUNTS:
            (self.folder / name).mkdir(parents=True)
            self._give(self.folder / name)

    def _give(self, path: Path) -> None:
        os.chown(path, self.owner, self.owner if os.getuid() == 0 else -1)

    @property
    def artifacts(self) -> Path:
        """Where artifacts are kept: beside the jobs of a workflow, for all of them."""
        return self.folder.parent / "artifacts"

    @property
    def workspace(self) -> Path:
        """The job's working folder."""
        return self.folder / "workspace"

    def run(self, steps: list[dict[str, Any]]) -> list[Ended]:
        """Run the steps of a job, each where its condition holds."""
        contexts = self._contexts()
        ended = []
        for step in steps:
            ended.append(self._step(step, contexts))
            self.failed |= ended[-1].failed
        self.outputs = contexts["steps"]
        return ended

    def _contexts(self) -> dict[str, Any]:
        return {
            "env": dict(self.env),
            "github": {
                "event_name": self.event,
                "token": "ghs_of-the-job",
                "workspace": str(self.workspace),
            },
            "matrix": self.matrix,
            "needs": self.needs,
            "runner": {"temp": str(self.folder)},
            "secrets": self.secrets,
            "steps": {},
            "vars": self.vars,
        }

    def _step(self, step: dict[str, Any], contexts: dict[str, Any]) -> Ended:
        log = Log(masks=list(self.secrets.values()))
        if not holds(step.get("if", "success()"), contexts, failed=self.failed):
            return Ended(log)
        within = contexts | {"env": contexts["env"] | evaluated(step.get("env", {}), contexts)}
        ended = self._script(step, within, log) if "run" in step else self._use(step, within, log)
        contexts["steps"][step.get("id")] = {"outputs": ended.outputs}
        return ended

    def _use(self, step: dict[str, Any], contexts: dict[str, Any], log: Log) -> Ended:
        """Run an action, with the defaults of the inputs that are not given."""
        name = step["uses"].partition("@")[0]
        given = evaluated(step.get("with", {}), contexts)
        self.used[name] = given
        if name.startswith("docker://"):
            arguments = shlex.split(given.get("args", ""))
            return self._container(name, given, contexts["env"], log, arguments)
        if name == "actions/upload-artifact":
            self._keep(self.workspace / given["path"], self.artifacts / given["name"])
        if name == "actions/download-artifact":
            for found in sorted(self.artifacts.glob(given["pattern"])):
                self._keep(found, self.workspace / given["path"] / found.name)
        if name == "actions/checkout" and "repository" in given:
            self._check_out(self.actions[given["repository"]], self.workspace / given["path"])
        folder = self.workspace / name if name.startswith("./") else self.actions.get(name)
        if folder is None:
            # What a later step asks of setup-python.
            return Ended(log, outputs={"python-path": sys.executable})
        action = yaml.safe_load((folder / "action.yml").read_text(encoding="utf-8"))
        assert set(given) <= set(action["inputs"]), "GitHub would warn of an unexpected input"
        inputs = {key: str(one.get("default", "")) for key, one in action["inputs"].items()} | given
        if action["runs"]["using"] == "docker":
            return self._container(action["runs"]["image"], inputs, contexts["env"], log)
        inner = contexts | {"inputs": inputs, "steps": {}}
        inner["env"] = contexts["env"] | {"GITHUB_ACTION_PATH": str(folder)}
        for inner_step in action["runs"]["steps"]:
            ended = self._step(inner_step, inner)
            if ended.failed:
                break
        outputs = {key: one["value"] for key, one in action["outputs"].items()}
        return Ended(
            ended.log, ended.code, evaluated(outputs, inner), ended.summary, ended.problems
        )

    def _script(self, step: dict[str, Any], contexts: dict[str, Any], log: Log) -> Ended:
        script = self.folder / f"{uuid.uuid4()}.sh"
        script.write_text(step["run"], encoding="utf-8")
        command = [
            step.get("shell", "bash"),
            "--noprofile",
            "--norc",
            "-eo",
            "pipefail",
            str(script),
        ]
        files = self._files()
        environ = {"PATH": os.environ["PATH"], "HOME": str(self.folder / "home")}
        environ |= contexts["env"] | _told(self.workspace, self.folder, files)
        return self._run(command, environ, files, log)

    def _check_out(self, repository: Path, target: Path) -> None:
        """Copy a repository's files, but none that it ignores."""
        ignored = (repository / ".gitignore").read_text(encoding="utf-8").split()
        names = (".git", *(name.rstrip("/") for name in ignored))
        shutil.copytree(repository, target, ignore=shutil.ignore_patterns(*names))

    def _keep(self, source: Path, target: Path) -> None:
        """Copy a folder, if it is there, and let the job's owner have it."""
        if source.exists():
            shutil.copytree(source, target, dirs_exist_ok=True)
            for path in (target, *target.rglob("*")):
                self._give(path)

    def _container(
        self,
        image: str,
        inputs: Mapping[str, str],
        env: Mapping[str, str],
        log: Log,
        arguments: Sequence[str] = (),
    ) -> Ended:
        files = self._files()
        inside = {name: Path("/github/file_commands") / path.name for name, path in files.items()}
        environ = {**env, **_told(Path("/github/workspace"), Path("/github"), inside)}
        environ |= {f"INPUT_{name.replace(' ', '_').upper()}": inputs[name] for name in inputs}
        environ["HOME"] = "/github/home"
        command = [os.environ.get("DOCKER", "docker"), "run", "--rm", "--network", self.network]
        command += ["--workdir", "/github/workspace"]
        # Only their names stand on the command line: docker takes the values from its own.
        command += [part for name in environ for part in ("-e", name)]
        command += [
            part
            for name, path in _MOUNTS.items()
            for part in ("-v", f"{self.folder / name}:{path}")
        ]
        command += [self.images.get(image, image.removeprefix("docker://")), *arguments]
        return self._run(command, os.environ | environ, files, log)

    def _files(self) -> dict[str, Path]:
        files = {name: self.folder / "file_commands" / f"{name}_{uuid.uuid4()}" for name in _FILES}
        for path in files.values():
            path.touch(0o644)
            self._give(path)
        return files

    def _run(
        self, command: list[str], environ: Mapping[str, str], files: Mapping[str, Path], log: Log
    ) -> Ended:
        with subprocess.Popen(
            command,
            cwd=self.workspace,
            env=environ,
            encoding="utf-8",
            errors="replace",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                log.read(line.removesuffix("\n"))
                if self.cancel_at and self.cancel_at in line:
                    process.send_signal(signal.SIGINT)
            code = process.wait(_GRACE_SECONDS)
        summary = summary_of(files["step_summary"])
        try:
            outputs = outputs_of(files["output"].read_text(encoding="utf-8"))
        except Refused as refused:
            return Ended(log, code, summary=summary, problems=(str(refused),))
        return Ended(log, code, outputs, summary)


def _told(workspace: Path, temp: Path, files: Mapping[str, Path]) -> dict[str, str]:
    """Return what a step is told by variables about where it runs."""
    return {
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_REPOSITORY": "team/app",
        "GITHUB_RUN_ID": "1658821493",
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_SHA": "ffac537e6cbbf934b08745a378932722df287a53",
        "GITHUB_WORKSPACE": str(workspace),
        "RUNNER_TEMP": str(temp),
        **{f"GITHUB_{name.upper()}": str(path) for name, path in files.items()},
    }
