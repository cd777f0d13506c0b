"""GitHub's files: no value breaks out of its place."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.model import Gate, Reason, Run, Steps, Verdict
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.reports.summary import summary
from gatekeeper.errors import ReportNotWritten
from gatekeeper.platforms import github
from gatekeeper.platforms.pipeline import pipeline_of

RUN = Run("Booking", "ctr-1", Verdict(Outcome.PASSED, steps=Steps(3, 3)), duration=14.4)
GATE = Gate((RUN,), datetime(2026, 5, 4, tzinfo=UTC), 16.4)


def outputs_of(text: str) -> dict[str, str]:
    """Read an output file as GitHub's runner does."""
    found = {}
    while text:
        match = re.match(r"([^\n=]+?)<<([^\n]+)\n", text)
        assert match, text
        value, _, text = text[match.end() :].partition(f"\n{match[2]}\n")
        found[match[1]] = value
    return found


def published(gate: Gate, folder: Path) -> dict[str, str]:
    path = folder / "output"
    path.unlink(missing_ok=True)
    github.write_outputs(gate, Path("r/junit.xml"), Path("r"), {"GITHUB_OUTPUT": str(path)})
    return outputs_of(path.read_text(encoding="utf-8"))


def test_every_output_is_written(tmp_path: Path) -> None:
    assert published(GATE, tmp_path) == {
        "verdict": "passed",
        "exit-code": "0",
        "test-run-id": "ctr-1",
        "total": "3",
        "passed": "3",
        "failed": "0",
        "errors": "0",
        "skipped": "0",
        "duration": "16.400",
        "junit": "r/junit.xml",
        "report-dir": "r",
        "results-url": "",
    }


def test_a_value_with_line_ends_stays_one_value(tmp_path: Path) -> None:
    hostile = "ctr-1\nverdict=passed\nverdict<<EOF\npassed\nEOF"
    outputs = published(replace(GATE, runs=(replace(RUN, test_run_id=hostile),)), tmp_path)
    assert outputs["test-run-id"] == hostile
    assert len(outputs) == len(github.OUTPUTS)


def test_without_github_nothing_is_written_and_with_a_bad_path_it_is_told() -> None:
    github.write_outputs(GATE, Path("j"), Path("r"), {})
    with pytest.raises(ReportNotWritten, match="could not be written"):
        github.write_outputs(GATE, Path("j"), Path("r"), {"GITHUB_OUTPUT": "/nowhere/output"})


@given(st.text(), st.text())
def test_a_bots_text_is_no_markup_in_the_summary(suite: str, reason: str) -> None:
    verdict = Verdict(Outcome.FAILED, (Reason(Outcome.FAILED, reason),), steps=Steps(1))
    lines = summary(replace(GATE, runs=(replace(RUN, test_suite=suite, verdict=verdict),)))
    [row] = [line for line in lines.split("\n") if line.startswith("|")][2:]
    assert row.count("|") == 7
    bare = re.sub(r"&#\d+;|<br>", "", row.strip("|"))
    assert not set(bare) & set("<>`*_[]\\@#!")


@pytest.mark.parametrize(
    ("environ", "commit", "url"),
    [
        (
            {
                "GITHUB_RUN_ID": "7",
                "GITHUB_SERVER_URL": "https://github.com",
                "GITHUB_REPOSITORY": "a/b",
                "GITHUB_SHA": "abc",
            },
            "abc",
            "https://github.com/a/b/actions/runs/7",
        ),
        (
            {"GITLAB_CI": "true", "CI_COMMIT_SHA": "abc", "CI_JOB_URL": "https://g/1"},
            "abc",
            "https://g/1",
        ),
        ({"BUILD_URL": "https://j/1", "GIT_COMMIT": "abc"}, "abc", "https://j/1"),
        ({}, None, None),
    ],
)
def test_the_pipeline_is_known_by_what_each_platform_tells(
    environ: dict[str, str], commit: str | None, url: str | None
) -> None:
    pipeline = pipeline_of(environ)
    assert (pipeline.commit, pipeline.url) == (commit, url)
