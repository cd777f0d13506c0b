"""Platforms: which one it is, and that no value published to GitHub ends its own field."""

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from gatekeeper.console import Console
from gatekeeper.core.model import Gate, Reason, Run, Steps, Verdict
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.reports.annotations import Annotation
from gatekeeper.errors import ReportNotWritten
from gatekeeper.platforms import detect
from gatekeeper.platforms.github import GitHub, annotation_command
from gatekeeper.platforms.outputs import OUTPUTS, outputs_of
from support.github_runner.commands import Log
from support.github_runner.commands import outputs_of as outputs_in

RUN = Run("Booking", "ctr-1", Verdict(Outcome.PASSED, steps=Steps(3, 3)), duration=14.4)
LOG = Console(io.StringIO())
GATE = Gate((RUN,), datetime(2026, 5, 4, tzinfo=UTC), 16.4)


def published(gate: Gate, folder: Path) -> dict[str, str]:
    path = folder / "output"
    path.unlink(missing_ok=True)
    outputs = outputs_of(gate, Path("r/junit.xml"), Path("r"))
    GitHub({"GITHUB_OUTPUT": str(path)}).publish_outputs(outputs, LOG)
    return outputs_in(path.read_text(encoding="utf-8"))


def test_every_output_is_written(tmp_path: Path) -> None:
    assert published(GATE, tmp_path) == {
        "verdict": "passed",
        "headline": "PASSED: 3 of 3 steps passed, 16 s",
        "exit-code": "0",
        "partial": "false",
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
    assert len(outputs) == len(OUTPUTS)


def test_without_github_nothing_is_written_and_with_a_bad_path_it_is_told() -> None:
    outputs = outputs_of(GATE, Path("j"), Path("r"))
    detect({}).publish_outputs(outputs, LOG)
    with pytest.raises(ReportNotWritten, match="could not be written"):
        detect({"GITHUB_OUTPUT": "/nowhere/output"}).publish_outputs(outputs, LOG)


def read(*found: Annotation) -> Log:
    log = Log()
    for annotation in found:
        log.read(annotation_command(annotation))
    return log


def test_an_annotation_says_where_it_belongs() -> None:
    [error, warning] = read(
        Annotation("Booking, step 2", "user said: hello\nwhy", file="suites/a,b.json", line=7),
        Annotation("Booking", "odd", is_warning=True),
    ).obeyed
    assert (error.name, error.data) == ("error", "user said: hello\nwhy")
    assert error.properties == {"title": "Booking, step 2", "file": "suites/a,b.json", "line": "7"}
    assert (warning.name, warning.properties) == ("warning", {"title": "Booking"})


def test_no_text_of_an_annotation_is_another_command_or_property() -> None:
    hostile = "x::y,line=1%0A\r\n::set-output name=a::b"
    log = read(Annotation(hostile, hostile))
    [error] = log.obeyed
    assert error.properties == {"title": hostile}
    assert error.data == hostile.replace("\r\n", "\n")


def test_an_annotation_is_no_longer_than_github_shows() -> None:
    [error] = read(Annotation("x", "y" * 1_000_000)).obeyed
    assert len(error.data) <= 4096


def commands(environ: dict[str, str]) -> str:
    """Return what a gate with an error and a secret of two lines prints for a platform to obey."""
    stream = io.StringIO()
    console = Console(stream)
    verdict = Verdict(Outcome.ERROR, (Reason(Outcome.ERROR, "why"),))
    platform = detect(environ)
    platform.mask(["first 100%\nsecond", "second"], console)
    with platform.section("Waiting", console):
        platform.annotate(replace(GATE, runs=(replace(RUN, verdict=verdict),)), None, console)
    return stream.getvalue()


@pytest.mark.parametrize(
    "environ", [{}, {"GITHUB_OUTPUT": "output", "GITHUB_RUN_ID": "7"}, {"BUILD_URL": "https://j/1"}]
)
def test_where_nothing_reads_the_log_it_has_no_masks_sections_or_annotations(
    environ: dict[str, str],
) -> None:
    assert commands(environ) == ""


def test_the_runner_reads_masks_first_then_a_section_with_the_annotations() -> None:
    assert commands({"GITHUB_ACTIONS": "true"}).splitlines() == [
        "::add-mask::first 100%25",
        "::add-mask::second",
        "::group::Waiting",
        "::error title=Booking::why",
        "::endgroup::",
    ]


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
    pipeline = detect(environ).job
    assert (pipeline.commit, pipeline.url) == (commit, url)


def test_a_platform_is_detected_before_another_whose_variables_are_less_specific() -> None:
    general = {"BUILD_NUMBER": "7", "GIT_COMMIT": "abc"}
    assert detect(general).name == "jenkins"
    assert detect(general | {"GITLAB_CI": "true"}).name == "gitlab"
    assert detect(general | {"GITHUB_ACTIONS": "true"}).name == "github"
    assert detect(general | {"GITHUB_ACTIONS": "false", "GITHUB_OUTPUT": ""}).name == "jenkins"
    assert detect(general | {"TEAMCITY_VERSION": "2024.12"}).name == "teamcity"
    assert detect({"TF_BUILD": "True"}).name == "azure"
    assert detect({"BITBUCKET_BUILD_NUMBER": "7"}).name == "bitbucket"
    assert detect(general | {"BITBUCKET_PULL_REQUEST_ID": "7"}).name == "jenkins"
    assert detect({"CIRCLECI": "true"}).name == "circleci"
    assert detect({"CI": "true"}).name == "none"
