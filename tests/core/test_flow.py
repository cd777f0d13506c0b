"""A flow that differs is two paths with their first difference marked; long names can wrap."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.model import Mismatch
from gatekeeper.core.wording.flow import flow_paths, name_parts
from gatekeeper.core.wording.styled import Mark, plain, rendered


def paths(expected: str, actual: str) -> list[str] | None:
    found = flow_paths(Mismatch("flow", 1, (), (tuple(expected.split()), tuple(actual.split()))))
    return [plain(path) for path in found] if found else None


@pytest.mark.parametrize(
    ("expected", "actual", "lines"),
    [
        ("A B C", "A C", ["A → {-B-} → C", "A → C"]),
        ("A B C D", "A D", ["A → {-B → C-} → D", "A → D"]),
        ("A B", "A X B", ["A → B", "A → {+X+} → B"]),
        ("A B", "A B C D", ["A → B", "A → B → {+C → D+}"]),
        ("A B C", "A", ["A → {-B → C-}", "A"]),
        ("A B C", "A X C", ["A → {-B-} → C", "A → {+X+} → C"]),
        ("A B", "X Y", ["{-A-} → B", "{+X+} → Y"]),
        ("A B C", "A C B", ["A → {-B-} → C", "A → C → B"]),
        ("A X Y B", "A B X", ["A → X → Y → B", "A → {+B+} → X"]),
    ],
)
def test_the_first_difference_of_two_paths_is_marked(
    expected: str, actual: str, lines: list[str]
) -> None:
    assert paths(expected, actual) == lines


@pytest.mark.parametrize(("expected", "actual"), [("A B", "A B"), ("A", ""), ("", "A"), ("", "")])
def test_paths_that_are_equal_or_unknown_are_not_compared(expected: str, actual: str) -> None:
    assert paths(expected, actual) is None


NODES = st.lists(st.sampled_from("ABC"), min_size=1, max_size=6).map(tuple)


@given(NODES, NODES)
def test_a_path_keeps_all_its_nodes_and_only_one_place_differs(
    expected: tuple[str, ...], actual: tuple[str, ...]
) -> None:
    found = flow_paths(Mismatch("flow", 1, (), (expected, actual)))
    if expected == actual:
        assert found is None
        return
    assert found
    assert [rendered(path, {}) for path in found] == [" → ".join(expected), " → ".join(actual)]
    marks = [[mark for _, mark in path if mark is not Mark.NONE] for path in found]
    assert marks in ([[Mark.MISSING], []], [[], [Mark.EXTRA]], [[Mark.MISSING], [Mark.EXTRA]])
    # What is before the first difference is the same in both lines, so that they are aligned.
    starts = [plain(path).partition("{")[0] for path in found if "{" in plain(path)]
    assert len(set(starts)) == 1


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("ConfirmRebooking", ["Confirm", "Rebooking"]),
        ("HTTPErrorPage2Go", ["HTTP", "Error", "Page2", "Go"]),
        ("ask_for-seat.v2/end:now", ["ask_", "for-", "seat.", "v2/", "end:", "now"]),
        ("ÄpfelUndBirnen", ["Äpfel", "Und", "Birnen"]),
        ("__init__", ["__", "init__"]),
        ("plain", ["plain"]),
        ("", []),
    ],
)
def test_a_name_wraps_after_separators_and_before_humps(name: str, parts: list[str]) -> None:
    assert name_parts(name) == parts


@given(st.text())
def test_the_parts_of_a_name_are_the_name(name: str) -> None:
    assert "".join(name_parts(name)) == name
