"""Internal errors: a bug ends one suite, not the gate or its other suites."""

import json

import pytest

from gatekeeper.simulator import Simulator
from support.program import ROOT, Program

# Found by Python before anything else: whoever judges that suite breaks.
CRASH = """
import gatekeeper.core.verdict.run as verdict

judge = verdict.judge


def crash(result, *arguments, **named):
    if result.total_test_steps_count == 7:
        raise RuntimeError("a bug")
    return judge(result, *arguments, **named)


verdict.judge = crash
"""


@pytest.mark.proves(
    "a bug that is triggered by one suite's response",
    "that suite ends with an error; the others get their verdicts",
)
def test_a_crash_over_one_suite_takes_no_other_along(
    program: Program, simulator: Simulator
) -> None:
    (program.folder / "sitecustomize.py").write_text(CRASH, encoding="utf-8")
    environ = simulator.environment() | {
        "GATEKEEPER_TEST_SUITE": "banking-card-block\nhotel-arabic",
        "PYTHONPATH": f"{program.folder}:{ROOT}",
    }
    done = program.run(**environ)
    assert done.returncode == 1, done.stdout + done.stderr
    runs = {run["test_suite"]: run for run in json.loads(program.report("result.json"))["runs"]}
    assert runs["banking-card-block"]["verdict"] == "failed"
    assert runs["hotel-arabic"]["verdict"] == "error"
    assert "internal error, please report it: RuntimeError" in runs["hotel-arabic"]["reasons"][0]
