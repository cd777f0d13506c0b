"""Bitbucket Pipelines: the example's step, the job's facts, and variables for later steps."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.console import Console
from gatekeeper.core.model import Gate, Run, Verdict
from gatekeeper.core.outcomes import Outcome
from gatekeeper.errors import ReportNotWritten
from gatekeeper.platforms import detect
from gatekeeper.platforms.outputs import OUTPUTS, outputs_of
from gatekeeper.simulator import Simulator
from support.ci_scripts import EXAMPLES, commands, run_script, with_suite

BITBUCKET = {
    "BITBUCKET_BUILD_NUMBER": "7",
    "BITBUCKET_COMMIT": "1" * 40,
    "BITBUCKET_REPO_FULL_NAME": "team/app",
    "BITBUCKET_STEP_UUID": "{9c5a}",
}
EXAMPLE: dict[str, Any] = yaml.safe_load(
    (EXAMPLES / "bitbucket-pipelines.yml").read_text(encoding="utf-8")
)
[STEP] = [step["step"] for step in EXAMPLE["pipelines"]["default"]]
# Bitbucket looks for test reports in folders of these names.
TEST_REPORTS = {"test-results", "test-reports", "TestResults"}


def test_the_example_leaves_its_reports_where_bitbucket_finds_them(
    simulator: Simulator, tmp_path: Path
) -> None:
    given_settings = with_suite(simulator, "banking-card-block")
    script = "\n".join(STEP["script"]).replace("bots.kore.ai", given_settings["GATEKEEPER_HOST"])
    environ = {"PATH": commands(tmp_path / "bin"), **BITBUCKET, **given_settings}
    environ["BITBUCKET_PIPELINES_VARIABLES_PATH"] = str(tmp_path / "variables")
    clone = tmp_path / "clone"
    clone.mkdir()
    code, log = run_script(("bash", "-ec", script), clone, environ)
    assert code == 1, log
    [junit] = clone.rglob("*.xml")
    assert junit.parent.name in TEST_REPORTS
    [artifact] = STEP["artifacts"]["upload"]
    assert (artifact["capture-on"], artifact["paths"]) == ("always", [f"{junit.parent.name}/**"])
    assert (junit.parent / "report.html").is_file()
    result = json.loads((junit.parent / "result.json").read_text(encoding="utf-8"))
    link = "https://bitbucket.org/team/app/pipelines/results/7/steps/%7B9c5a%7D"
    assert (result["commit"], result["pipeline_url"]) == ("1" * 40, link)
    assert result["pipeline_id"] == "bitbucket/team/app/7"
    variables = dict(line.split("=", 1) for line in (tmp_path / "variables").read_text().split())
    assert variables["GATE_EXIT_CODE"] == "1"
    assert variables["GATE_REPORT_DIR"] == "test-results"


@pytest.mark.parametrize("missing", BITBUCKET)
def test_a_link_has_its_parts_or_is_left_out(missing: str) -> None:
    environ = {name: text for name, text in BITBUCKET.items() if name != missing}
    known = detect(environ).job
    has_link = missing in ("BITBUCKET_COMMIT", "BITBUCKET_STEP_UUID")
    assert bool(known.url) is bool(known.id) is has_link
    assert (known.url or "").endswith("results/7") is (missing == "BITBUCKET_STEP_UUID")


@settings(max_examples=30)
@given(st.text() | st.sampled_from(["a\nGATE_VERDICT=passed", "a b", "'$(id)'", "a#b", "a=b"]))
def test_a_value_that_is_not_plain_is_no_variable(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "variables"
    path.unlink(missing_ok=True)
    run = Run("Booking", text or None, Verdict(Outcome.FAILED))
    gate = Gate((run,), datetime(2026, 5, 4, tzinfo=UTC), 1.0)
    platform = detect(BITBUCKET | {"BITBUCKET_PIPELINES_VARIABLES_PATH": str(path)})
    platform.publish_outputs(outputs_of(gate, None, Path("r")), Console(io.StringIO()))
    lines = [line.split("=", 1) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]
    known = {f"GATE_{name.replace('-', '_').upper()}" for name in OUTPUTS}
    assert {name for name, _ in lines} <= known - {"GATE_HEADLINE"}
    assert ["GATE_VERDICT", "failed"] in lines
    assert len(lines) == len({name for name, _ in lines})


def test_variables_that_cannot_be_written_are_an_error() -> None:
    platform = detect(BITBUCKET | {"BITBUCKET_PIPELINES_VARIABLES_PATH": "/nowhere/variables"})
    with pytest.raises(ReportNotWritten):
        platform.publish_outputs({"verdict": "passed"}, Console(io.StringIO()))
    detect(BITBUCKET).publish_outputs({"verdict": "passed"}, Console(io.StringIO()))
