"""TeamCity: the example's step, and that no text is a service message of its own."""

import io
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.console import Console
from gatekeeper.core.model import Gate, Run, Verdict
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.text import inert, printable
from gatekeeper.platforms import detect
from gatekeeper.platforms.outputs import OUTPUTS, outputs_of
from gatekeeper.platforms.teamcity import service_message
from gatekeeper.simulator import Simulator
from support.ci_scripts import EXAMPLES, commands, run_script, with_suite
from support.log_commands import commands_in
from support.service_messages import Message, messages_in

TEAMCITY = {
    "TEAMCITY_VERSION": "2024.12 (build 174331)",
    "BUILD_NUMBER": "7",
    "BUILD_URL": "https://teamcity.example/build/41",
    "BUILD_VCS_NUMBER": "1" * 40,
    "BUILD_VCS_NUMBER_TravelApp": "1" * 40,
}
EXAMPLE = (EXAMPLES / "teamcity-settings.kts").read_text(encoding="utf-8")
[SCRIPT] = re.findall(r'scriptContent = "(.+)"', EXAMPLE)
PARAMETERS = dict(re.findall(r'param\("env\.(\w+)", "(.+)"\)', EXAMPLE))
PARTS = (
    *("##teamcity[", "##teamcity[buildStatus status='SUCCESS' text='x']", "|", "'", "[", "]"),
    *("|n", "|0x0027", "%env.X%", "{build.status.text}", "\n", "\r", "\u2028", "😀", "é", " "),
)
hostile = st.lists(st.sampled_from(PARTS) | st.characters()).map("".join)


def run(folder: Path, settings: dict[str, str]) -> tuple[int, str]:
    """Run the example's step, as the container wrapper does: with the build's variables."""
    path = commands(folder / "bin")
    (folder / "checkout").mkdir()
    environ = {"PATH": path, **PARAMETERS, **TEAMCITY, **settings}
    return run_script(("sh", "-c", SCRIPT), folder / "checkout", environ)


def named(name: str, messages: list[Message]) -> list[dict[str, str]]:
    return [message.values for message in messages if message.name == name]


def test_the_example_reports_tests_messages_parameters_and_a_status(
    simulator: Simulator, tmp_path: Path
) -> None:
    code, log = run(tmp_path, with_suite(simulator, "banking-card-block"))
    assert code == 1
    messages = messages_in(log)
    assert [message.name for message in messages[:2]] == ["blockOpened", "blockClosed"]
    [imported] = named("importData", messages)
    assert imported["type"] == "junit"
    assert (tmp_path / "checkout" / imported["path"]).is_file()
    assert [one["status"] for one in named("message", messages)] == ["ERROR", "ERROR"]
    parameters = {one["name"]: one["value"] for one in named("setParameter", messages)}
    assert parameters.keys() == {f"gatekeeper.{name}" for name in OUTPUTS}
    assert parameters["gatekeeper.exit-code"] == "1"
    [status] = named("buildStatus", messages)
    assert status["text"].startswith("{build.status.text}; FAILED: 6 of 8 steps passed")
    assert (tmp_path / "checkout/gatekeeper-report/report.html").is_file()
    assert '"gatekeeper-report => gatekeeper-report"' in EXAMPLE


def test_wrong_settings_are_reported_as_well(simulator: Simulator, tmp_path: Path) -> None:
    """TeamCity reads service messages on standard output only, where the example sends all."""
    settings = with_suite(simulator, "banking-transfer") | {"GATEKEEPER_TIMEOUT": "soon"}
    code, log = run(tmp_path, settings)
    assert code == 2
    assert named("importData", messages_in(log))
    assert SCRIPT.endswith(" 2>&1")


@given(st.dictionaries(st.sampled_from(["text", "status", "name"]), hostile, min_size=1))
def test_no_value_is_another_message_or_ends_its_own(values: dict[str, str]) -> None:
    line = service_message("message", **values)
    assert line.isascii()
    assert line.isprintable()
    shown = {name: inert(printable(value)) for name, value in values.items()}
    assert messages_in(line) == [Message("message", shown)]


def gate(run_id: str) -> Gate:
    run = Run("Booking", run_id, Verdict(Outcome.PASSED))
    return Gate((run,), datetime(2026, 5, 4, tzinfo=UTC), 1.0)


@given(hostile)
def test_no_parameter_refers_to_another_one(text: str) -> None:
    stream = io.StringIO()
    outputs = outputs_of(gate(text), Path("nowhere.xml"), Path("r"))
    detect(TEAMCITY).publish_outputs(outputs, Console(stream))
    messages = messages_in(stream.getvalue())
    assert [message.name for message in messages] == ["setParameter"] * len(OUTPUTS) + [
        "buildStatus"
    ]
    value = {one["name"]: one["value"] for one in named("setParameter", messages)}
    assert "%" not in value["gatekeeper.test-run-id"].replace("%%", "")


def test_tests_are_imported_once_and_only_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "it's [one] 100 %é.xml"
    stream = io.StringIO()
    platform = detect(TEAMCITY)
    outputs = outputs_of(gate("ctr-1"), path, tmp_path)
    platform.publish_outputs(outputs, Console(stream))
    path.write_text("<testsuites/>")
    for _ in range(2):
        platform.publish_outputs(outputs, Console(stream))
    imported = named("importData", messages_in(stream.getvalue()))
    assert imported == [{"type": "junit", "path": str(path)}]
    assert commands_in(stream.getvalue().replace("##teamcity[", "")) == []


@pytest.mark.parametrize(
    ("changes", "commit"),
    [
        ({}, "1" * 40),
        ({"BUILD_VCS_NUMBER": ""}, "1" * 40),
        ({"BUILD_VCS_NUMBER_Other": "2" * 40}, None),
        ({"BUILD_VCS_NUMBER": "", "BUILD_VCS_NUMBER_TravelApp": ""}, None),
    ],
)
def test_the_commit_is_known_if_there_is_one_only(
    changes: dict[str, str], commit: str | None
) -> None:
    job = detect(TEAMCITY | changes).job
    assert (job.commit, job.url, job.id) == (commit, "https://teamcity.example/build/41", None)
