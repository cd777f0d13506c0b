"""The stand-in for GitHub's runner obeys whatever GitHub's would: a test with it can fail."""

from pathlib import Path

import pytest

from support.github_runner.commands import Log, Refused, outputs_of, summary_of
from support.github_runner.expressions import evaluated, holds


def read(*lines: str) -> Log:
    log = Log()
    for line in lines:
        log.read(line)
    return log


@pytest.mark.parametrize(
    ("line", "name", "data", "properties"),
    [
        ("::set-output name=verdict::passed", "set-output", "passed", {"name": "verdict"}),
        (
            "\t  ::error file=a%2Cb,line=1::no%0Away",
            "error",
            "no\nway",
            {"file": "a,b", "line": "1"},
        ),
        ("said: ##[error]pwned", "error", "pwned", {}),
        ("x ##[set-output name=a;]b", "set-output", "b", {"name": "a"}),
        ("::WARNING::loud", "warning", "loud", {}),
        ("::notice title=a=b::c", "notice", "c", {"title": "a=b"}),
    ],
)
def test_a_command_is_obeyed_in_both_forms(
    line: str, name: str, data: str, properties: dict[str, str]
) -> None:
    [command] = read(line).obeyed
    assert (command.name, command.data, command.properties) == (name, data, properties)


@pytest.mark.parametrize(
    "line", ["said ::error::x", ": :error::x", "::unknown::x", "## [error]x", "::error", "##[x]y"]
)
def test_whatever_is_no_command_is_shown(line: str) -> None:
    log = read(line)
    assert (log.obeyed, log.lines) == ([], [line])


def test_between_stop_commands_and_its_token_nothing_is_obeyed() -> None:
    log = read("::stop-commands::T-1", "::error::x", "::t-1::", "::warning::y")
    assert log.obeyed_names() == {"warning"}


def test_a_mask_hides_what_comes_after_it() -> None:
    log = read("the s3cret", "::add-mask::s3cret", "the s3cret again")
    assert log.lines == ["the s3cret", "the *** again"]


def test_ten_annotations_of_a_level_are_kept() -> None:
    log = read(*(f"::error::{number}" for number in range(12)), "::warning::one")
    assert [command.data for command in log.annotations("error")] == [*map(str, range(10))]
    assert len(log.annotations("warning")) == 1


def test_outputs_are_read_in_both_forms_and_an_open_end_fails_the_step() -> None:
    assert outputs_of("a=1<<2\nb<<E\nx\ny=z\nE\nc<<E\nE\n") == {"a": "1<<2", "b": "x\ny=z", "c": ""}
    for malformed in ("a<<E\nx\n", "nothing\n", "=x\n", "a<<\n"):
        with pytest.raises(Refused):
            outputs_of(malformed)


def test_a_summary_over_a_mebibyte_is_dropped_whole(tmp_path: Path) -> None:
    path = tmp_path / "summary"
    for size, kept in ((1024**2, True), (1024**2 + 1, False)):
        path.write_bytes(b"x" * size)
        assert (summary_of(path) is not None) is kept


@pytest.mark.parametrize(
    ("condition", "failed", "held"),
    [
        ("success()", False, True),
        ("success()", True, False),
        ("always()", True, True),
        ("failure()", False, False),
        ("always() && github.event_name == 'push'", True, True),
        ("always() && github.event_name == 'pull_request'", False, False),
        ("github.event_name == 'push'", True, False),
    ],
)
def test_a_step_is_left_out_where_its_condition_does_not_hold(
    condition: str, failed: bool, held: bool
) -> None:
    contexts = {"github": {"event_name": "push"}}
    assert holds(condition, contexts, failed=failed) is held


def test_the_first_name_that_is_not_empty_counts() -> None:
    contexts = {"env": {"A": ""}, "inputs": {"a": True, "b": "x"}}
    values = {"one": "${{ env.A || env.B || inputs.a }}", "two": "<${{ inputs.b }}>"}
    assert evaluated(values, contexts) == {"one": "true", "two": "<x>"}
    with pytest.raises(KeyError):
        evaluated({"three": "${{ github.actor }}"}, {})
