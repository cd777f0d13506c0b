"""What a step is known by: the same whatever stands in front of it, and never that of another."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from gatekeeper.core.answer.shape import Step
from gatekeeper.core.model import Gate
from gatekeeper.core.result_file.read import gate_of
from gatekeeper.core.result_file.schema import read_saved
from gatekeeper.core.result_file.write import result_json
from gatekeeper.core.step_ids import ids_of, ids_saved
from support.builders import finished, greeting, response, run_of, step

START = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
inputs = st.sampled_from(
    ["yes", "yes (2)", "yes (2) (1)", "yes  (2)", "", None, "a.b", "a\N{ONE DOT LEADER}b", "\x00"]
) | st.text(max_size=200)


def ids(*said: Any) -> tuple[str, ...]:
    return ids_of([Step(input=one) for one in said])


def test_what_is_said_again_has_a_number_and_what_looks_numbered_another() -> None:
    assert ids("yes", "no", "yes", "yes") == ("yes", "no", "yes (2)", "yes (3)")
    assert ids("yes", "yes (2)", "yes") == ("yes", "yes (2) (1)", "yes (2)")


def test_what_was_not_said_has_an_id_as_well() -> None:
    assert ids("", None, "\x00", " ") == (
        "(no input)",
        "(no input) (2)",
        "(nothing to show)",
        "(nothing to show) (2)",
    )
    assert ids_of([Step(event="welcome")]) == ("(event welcome)",)


def test_long_texts_of_one_beginning_are_told_apart_and_stay_short() -> None:
    first, second, again = ids("x" * 500 + "a", "x" * 500 + "b", "x" * 500 + "a")
    assert len({first, second, again}) == 3
    assert again == f"{first} (2)"
    assert len(first) == 80


@given(st.lists(inputs, max_size=12))
def test_ids_are_unique_whatever_is_said(said: list[Any]) -> None:
    known = ids(*said)
    assert len(set(known)) == len(said)
    assert all(one.isprintable() or not one.isascii() for one in known)
    assert not {"\n", "\N{ONE DOT LEADER}"} & set("".join(known))


@given(st.lists(inputs, max_size=8), inputs)
def test_a_step_in_front_that_says_something_else_renames_nothing(
    said: list[Any], new: Any
) -> None:
    alone = ids(*said)
    [text] = ids(new)
    if text not in alone:
        assert ids(new, *said)[1:] == alone


long = st.text(max_size=3).map(lambda text: f"{text}{'x' * 30_000}{text}")


@given(st.lists(inputs | long, max_size=5))
@settings(deadline=None)
def test_an_id_is_the_same_when_the_run_was_read_back(said: list[Any]) -> None:
    answer = finished(*(step(one, response("Hi!")) for one in (*said, "x" * 30_000, "x" * 30_001)))
    run = run_of(answer)
    once = gate_of(read_saved(b"".join(result_json(Gate((run,), START, 1.0)))))
    assert once.runs[0].ids == run.ids
    again = gate_of(read_saved(b"".join(result_json(once))))
    assert again.runs[0].ids == run.ids


def test_ids_that_no_gate_writes_are_made_of_the_names() -> None:
    names = ["001 yes", "002 yes", "1000 1000 \x1b[1mno"]
    made = ("yes", "yes (2)", "1000 no")
    assert ids_saved([(None, name) for name in names]) == made
    assert ids_saved([("same", name) for name in names]) == made
    assert ids_saved([("a", names[0]), (None, names[1])]) == made[:2]
    assert ids_saved([("a\nb", names[0]), ("c", names[1])]) == ("a b", "c")


def test_a_step_without_details_is_named_by_its_number() -> None:
    run = replace(run_of(finished(greeting())), result=None)
    assert run.id_of(run.verdict.cases[0]) == "step 1"
