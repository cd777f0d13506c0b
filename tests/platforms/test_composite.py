"""The action without Docker: the shell of its steps, run as GitHub runs it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from gatekeeper.simulator import Simulator
from support.github_runner.job import Job
from support.program import ROOT
from support.shadowing import SHADOW, hostile_variables, shadow_modules

EXAMPLE = yaml.safe_load((ROOT / "examples/github-composite.yml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = EXAMPLE["jobs"]["conversations"]["steps"]
ACTION = STEPS[0]["uses"].partition("@")[0]
CHECKOUT = yaml.safe_load((ROOT / "examples/github-checkout.yml").read_text(encoding="utf-8"))
# The same from a second checkout; its example has the action with Docker.
CHECKOUT_STEPS: list[dict[str, Any]] = [
    step | {"uses": step["uses"].replace("./.gatekeeper", "./.gatekeeper/composite")}
    for step in CHECKOUT["jobs"]["conversations"]["steps"]
]


def job(folder: Path, simulator: Simulator, suite: str, **env: str) -> Job:
    """Return a job with the settings that the example needs and its own."""
    settings = simulator.environment(suite)
    names = ("STREAM_ID", "CLIENT_ID", "USER_EMAIL")
    return Job(
        folder,
        actions={ACTION: ROOT / "composite", ACTION.removesuffix("/composite"): ROOT},
        vars={f"KORE_{name}": settings[f"GATEKEEPER_{name}"] for name in names},
        secrets={"KORE_CLIENT_SECRET": simulator.client_secret},
        env={"GATEKEEPER_HOST": simulator.host, "GATEKEEPER_TEST_SUITE": suite, **env},
    )


@pytest.mark.proves(
    "PYTHON and PIP variables, and modules such as `click.py` in the checkout (`composite`)",
    "not imported and without effect",
)
def test_its_outputs_are_those_of_the_container_whatever_the_job_has(
    simulator: Simulator, tmp_path: Path
) -> None:
    made = job(
        tmp_path / "job",
        simulator,
        "banking-transfer",
        **hostile_variables(tmp_path / "job/workspace"),
        PIP_TARGET=str(tmp_path / "elsewhere"),
        PIP_USER="1",
    )
    shadow_modules(made.workspace)
    assert_gate(made, STEPS, {"exit-code": "0", "verdict": "passed", "failed": "0"})


def test_its_outputs_are_those_of_the_container_from_a_second_checkout(
    simulator: Simulator, tmp_path: Path
) -> None:
    made = job(tmp_path / "job", simulator, "banking-card-block")
    assert_gate(made, CHECKOUT_STEPS, {"exit-code": "1", "verdict": "failed", "failed": "2"})


def assert_gate(made: Job, steps: list[dict[str, Any]], outputs: dict[str, str]) -> None:
    """Run the steps, and hold the gate to its outputs, reports and suite."""
    [gate] = [ended for ended in made.run(steps) if "verdict" in ended.outputs]
    assert SHADOW not in gate.log.text
    assert gate.outputs.items() >= outputs.items(), gate.log.text
    assert str(gate.code) == outputs["exit-code"]
    # The job's variable has overridden the input of the example.
    assert made.env["GATEKEEPER_TEST_SUITE"] in (gate.summary or "")
    assert (made.workspace / gate.outputs["junit"]).exists()
    assert made.used["actions/setup-python"]["python-version"] == "3.13"


def test_a_cancelled_job_keeps_what_is_known(simulator: Simulator, tmp_path: Path) -> None:
    made = job(tmp_path / "job", simulator, "never-ends")
    made.cancel_at = "started run"
    gate, *_ = made.run(STEPS)
    assert gate.code == 130
    assert (made.workspace / "gatekeeper-report" / "junit.xml").exists()


@pytest.mark.proves("the packages cannot be installed (`composite`)", "exit 3, with a message")
def test_a_failed_installation_has_no_verdict(simulator: Simulator, tmp_path: Path) -> None:
    made = job(
        tmp_path / "job", simulator, "banking-transfer", PIP_NO_INDEX="1", PIP_NO_CACHE_DIR="1"
    )
    gate, *_ = made.run(STEPS)
    assert gate.code == 3
    assert "gatekeeper could not be installed" in gate.log.text


def test_the_settings_of_the_job_beat_the_inputs(simulator: Simulator, tmp_path: Path) -> None:
    made = job(tmp_path / "job", simulator, "banking-transfer", GATEKEEPER_TIMEOUT="soon")
    gate, *_ = made.run(STEPS)
    assert gate.code == 2
    assert "GATEKEEPER_TIMEOUT" in gate.log.text
