"""The waiting is folded away where a platform can do that, and only that."""

import re

import pytest

from gatekeeper.simulator import Simulator
from support.program import Program


def log(program: Program, simulator: Simulator, **environ: str) -> str:
    return program.run(**simulator.environment("no-step-detail"), **environ).stdout


def test_github_folds_what_stands_between_group_and_its_end(
    program: Program, simulator: Simulator
) -> None:
    said = log(program, simulator, GITHUB_ACTIONS="true")
    inside = re.search(r"^::group::Waiting.*?\n(.*)^::endgroup::\n", said, re.DOTALL | re.MULTILINE)
    assert inside
    assert "started run" in inside[1]
    assert "PASSED" in said[inside.end() :]


def test_gitlab_folds_a_section_of_one_name(program: Program, simulator: Simulator) -> None:
    said = log(program, simulator, GITLAB_CI="true")
    # Carriage returns are read as newlines here.
    start = r"^\x1b\[0Ksection_start:\d{10,}:([\w.-]+)\[collapsed=true\]\n\x1b\[0KWaiting.*?\n"
    end = r"^\x1b\[0Ksection_end:\d{10,}:\1\n\x1b\[0K\n"
    inside = re.search(f"{start}(.*){end}", said, re.DOTALL | re.MULTILINE)
    assert inside
    assert "started run" in inside[2]
    assert "PASSED" in said[inside.end() :]


def test_azure_and_teamcity_fold_what_stands_between_their_own_marks(
    program: Program, simulator: Simulator
) -> None:
    for variable, start, end in (
        ("TF_BUILD", r"##\[group\]Waiting.*?", r"##\[endgroup\]"),
        (
            "TEAMCITY_VERSION",
            r"##teamcity\[blockOpened name='gatekeeper' description='Waiting.*?'\]",
            r"##teamcity\[blockClosed name='gatekeeper'\]",
        ),
    ):
        logged = log(program, simulator, **{variable: "1"})
        inside = re.search(f"^{start}\n(.*)^{end}\n", logged, re.DOTALL | re.MULTILINE)
        assert inside
        assert "started run" in inside[1]
        assert "PASSED" in logged[inside.end() :]


@pytest.mark.parametrize(
    "environ",
    [{}, {"JENKINS_URL": "https://ci.example"}, {"BITBUCKET_BUILD_NUMBER": "7"}],
)
def test_elsewhere_there_is_nothing_but_text(
    program: Program, simulator: Simulator, environ: dict[str, str]
) -> None:
    said = log(program, simulator, **environ)
    assert all(line.isprintable() for line in said.splitlines())
    assert not re.search(r"::|section_", said)
