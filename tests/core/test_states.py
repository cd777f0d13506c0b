"""States: known by their words, whatever their spelling, and never guessed."""

import pytest

from gatekeeper.core.answer.states import State, has_ended, state_of


@pytest.mark.parametrize("word", ["inprogress", "IN_PROGRESS", "In-Progress", " in progress "])
def test_case_underscores_dashes_and_blanks_do_not_matter(word: str) -> None:
    assert state_of(word) is State.IN_PROGRESS


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("Passed", State.PASSED),
        ("FAILED", State.FAILED),
        ("completed", State.COMPLETED),
        ("timed_out", State.ENDED),
        ("cancelled", State.ENDED),
        ("Paused", State.ENDED),
        ("Not Executed", State.NOT_EXECUTED),
        ("passed!", State.UNKNOWN),
        ("pass ed ok", State.UNKNOWN),
        ("", State.MISSING),
        (None, State.MISSING),
        (["passed"], State.UNKNOWN),
        (True, State.UNKNOWN),
    ],
)
def test_a_word_means_what_it_says(word: object, state: State) -> None:
    assert state_of(word) is state


USUAL_WORDS = {
    State.IN_PROGRESS: (
        "accepted created executing initiated initializing inprogress new pending processing "
        "queued running scheduled started submitted waiting"
    ),
    State.PASSED: "passed",
    State.FAILED: "fail failed failure",
    State.COMPLETED: "complete completed",
    State.ENDED: (
        "abort aborted canceled cancelled crashed error errored expired interrupted killed stopped "
        "terminated timedout timeout"
    ),
    State.NOT_EXECUTED: "notexecuted notrun notstarted skipped unexecuted",
}


@pytest.mark.parametrize("state", USUAL_WORDS)
def test_the_usual_words_for_a_state_are_known(state: State) -> None:
    for word in USUAL_WORDS[state].split():
        assert state_of(word) is state, word


@pytest.mark.parametrize(
    ("states", "percentage", "ended"),
    [
        (("passed", "passed"), 100, True),
        (("failed", None), None, True),
        (("passed", "inprogress"), 100, False),
        (("inprogress", "passed"), 100, False),
        (("weird", "weird"), 99, False),
        (("passed", "weird"), 50, False),
        (("passed", "weird"), 100, True),
        (("weird", "weird"), 100, True),
        (("weird", None), None, False),
        ((None, None), 100, True),
        ((None, None), 50, False),
        (("stopped", "stopped"), 40, True),
        (("Paused", "paused"), 40, True),
        (("paused", "inprogress"), 40, True),
        (("inprogress", "PAUSED"), 40, True),
        (("paused", None), None, True),
        (("Not Executed", "inprogress"), 0, True),
        (("NOT_EXECUTED", None), None, True),
        (("inprogress", "Not Executed"), 0, False),
        (("unpaused", "weird"), 40, False),
    ],
)
def test_a_run_has_ended_only_when_nothing_says_that_it_goes_on(
    states: tuple[str | None, str | None], percentage: float | None, *, ended: bool
) -> None:
    assert has_ended(states, percentage) is ended
