"""The setting `attach`: which runs a gate attaches to, and what else may be set."""

from pathlib import Path
from typing import Any

import pytest

from gatekeeper.core.model import StartedBy
from gatekeeper.core.runs_file import SavedStart, SavedStarts, runs_json
from gatekeeper.errors import ConfigurationError
from support.settings import read_settings

# Without `user-email`, which only a start needs.
ENVIRON = {
    "GATEKEEPER_HOST": "bots.kore.ai",
    "GATEKEEPER_STREAM_ID": "st-1",
    "GATEKEEPER_CLIENT_ID": "cs-1",
    "GATEKEEPER_CLIENT_SECRET": "s3cr3t-" * 6,
}
AT = "2026-05-04T03:02:01+00:00"


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write the file of a start of two suites, of which one failed, in the working folder."""
    monkeypatch.chdir(tmp_path)
    suites = [
        SavedStart(
            test_suite=name, stream_id="st-1", language="de", bot_version="published", **more
        )
        for name, more in (
            ("Booking", {"test_run_id": "ctr-1", "started_at": AT}),
            ("Loyalty", {"problem": "HTTP 400"}),
        )
    ]
    starts = SavedStarts(schema=1, started_at=AT, host="https://bots.kore.ai", runs=tuple(suites))
    path = tmp_path / "runs.json"
    path.write_bytes(runs_json(starts))
    return path


def problems(runs: Path, **flags: Any) -> str:
    with pytest.raises(ConfigurationError) as error:
        read_settings({"attach": str(runs)} | flags, ENVIRON)
    return "\n".join(error.value.problems)


def test_without_suites_of_its_own_a_gate_judges_those_that_were_started(runs: Path) -> None:
    booking, loyalty = read_settings({"attach": str(runs)}, ENVIRON).suites
    assert (booking.test_suite, booking.bot_language) == ("Booking", "de")
    assert (booking.test_run_id, booking.started_by) == ("ctr-1", StartedBy(AT))
    # A run that was started for this gate is of the version that it was started with.
    assert (booking.target.started, booking.target.bot_version) == (True, "published")
    assert (loyalty.test_run_id, loyalty.started_by) == (None, None)
    assert loyalty.start
    assert loyalty.start.problem == "HTTP 400"


def test_the_suites_of_a_gate_are_attached_to_their_own_runs_in_the_gates_order(
    runs: Path,
) -> None:
    Path("gatekeeper.toml").write_text(
        'bot-language = "de"\n[[suite]]\nname = "Loyalty"\n[[suite]]\nname = "Booking"\n'
    )
    loyalty, booking = read_settings({"attach": str(runs)}, ENVIRON).suites
    assert (loyalty.test_run_id, booking.test_run_id) == (None, "ctr-1")


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        ({"test_suite": ("Booking=ctr-9",)}, "test-suite names a run as well"),
        ({"test_suite": ("Booking",), "test_run_id": "ctr-9"}, "and --test-run-id are both set"),
        ({"failed_from": "result.json"}, "--attach and --failed-from are both set"),
        ({"shard": "1/2"}, "it is of no shard, but this gate is of shard 1/2"),
        ({"host": "localhost:1"}, "but this gate is for https://localhost:1"),
        ({"stream_id": "st-2"}, 'it lacks suites of this gate: "Booking" (de, stream st-2,'),
        ({"bot_version": "inDevelopment"}, "it has suites that this gate does not ask for"),
        ({"bot_language": "en"}, "it has suites that this gate does not ask for"),
        ({"test_suite": ("Booking",)}, "it has suites that this gate does not ask for"),
        ({"test_suite": ("Booking",)}, "name the same suites, or none"),
        ({"tag": ("smoke",)}, "there is no configuration file to select suites from"),
    ],
)
def test_settings_that_do_not_fit_the_runs_are_refused(
    runs: Path, flags: dict[str, Any], told: str
) -> None:
    assert told in problems(runs, **flags)


@pytest.mark.parametrize("content", [None, b"", b"{}", b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_the_only_problem(runs: Path, content: bytes | None) -> None:
    runs.unlink() if content is None else runs.write_bytes(content)
    [problem] = problems(runs).splitlines()
    assert problem.startswith(f"--attach: {runs} cannot be read: ")
    assert problem.endswith(
        ": pass on the file that gatekeeper start wrote in an earlier job of this pipeline"
    )


def test_a_report_never_replaces_the_file(runs: Path) -> None:
    assert "is read by this gate, but a report would overwrite it" in problems(
        runs, junit=str(runs)
    )
