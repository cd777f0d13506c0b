"""A workflow: its jobs in the order of their needs, each as often as its matrix says."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.github_runner.expressions import evaluated, holds
from support.github_runner.job import Ended, Job


@dataclass
class Workflow:
    """Runs the jobs of a workflow; `make` makes a job in a folder."""

    folder: Path
    jobs: dict[str, Any]
    make: Callable[[Path], Job]
    needs: dict[str, Any] = field(default_factory=dict)
    ended: dict[str, list[list[Ended]]] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)

    def run(self) -> None:
        """Run all jobs whose conditions hold; what came of each is in `ended`."""
        for name, job in self.jobs.items():
            assert set(_listed(job.get("needs"))) <= set(self.jobs), "GitHub would refuse this"
            failed = bool(self.failed & set(_listed(job.get("needs"))))
            condition = job.get("if", "success()").removeprefix("${{").removesuffix("}}").strip()
            if holds(condition, {"needs": self.needs}, failed=failed):
                self._run(name, job)

    def _run(self, name: str, job: dict[str, Any]) -> None:
        self.ended[name] = []
        for number, row in enumerate(self._matrix(job)):
            made = self.make(self.folder / f"{name}-{number}")
            made.needs, made.matrix = self.needs, row
            made.env = {**made.env, **evaluated(job.get("env", {}), {"matrix": row})}
            self.ended[name].append(made.run(job["steps"]))
            if made.failed:
                self.failed.add(name)
            outputs = evaluated(job.get("outputs", {}), {"steps": made.outputs})
            self.needs[name] = {
                "outputs": outputs,
                "result": "failure" if made.failed else "success",
            }

    def _matrix(self, job: dict[str, Any]) -> list[dict[str, Any]]:
        matrix = job.get("strategy", {}).get("matrix")
        if matrix is None:
            return [{}]
        source = matrix.removeprefix("${{").removesuffix("}}").strip()
        name = source.removeprefix("fromJSON(").removesuffix(")")
        told = evaluated({"matrix": f"${{{{ {name} }}}}"}, {"needs": self.needs})["matrix"]
        rows: list[dict[str, Any]] = json.loads(told)["include"]
        return rows


def _listed(needs: Any) -> list[str]:
    return [needs] if isinstance(needs, str) else needs or []
