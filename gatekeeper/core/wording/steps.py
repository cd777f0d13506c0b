"""How every report names a step and describes where its responses came from."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.core.answer.shape import Response, Step
from gatekeeper.core.model import Case, Run
from gatekeeper.core.text import as_path, as_text, one_line


def step_of(run: Run, case: Case) -> Step | None:
    """Return the step that a case judges; `None` if the result has no step details."""
    steps = run.steps
    return steps[case.index - 1] if steps else None


def user_input(step: Step | None, limit: int = 80) -> str:
    """Return in one line what the user said in a step, or the event that stands for it."""
    if step is None:
        return ""
    if step.input not in (None, ""):
        return one_line(as_text(step.input), limit)
    return f"(event {one_line(as_text(step.event), limit)})" if step.event else "(no input)"


def name_of(run: Run, case: Case) -> str:
    """Name a step by its number and its input: unique in its run, the same in every run."""
    return name_by(case.index, step_of(run, case))


def name_by(index: int, step: Step | None) -> str:
    """Name a step as `name_of` does, where the step itself is at hand."""
    return f"{index:03d} {user_input(step)}"


def details_of(step: Step) -> Iterator[str]:
    """Yield a line for each response, with its place in the app, and one for the request id."""
    for number, response in enumerate(step.actual_output or (), 1):
        if places := ", ".join(_places(response)):
            yield f"response {number}: {places}"
    if step.request_id:
        yield f"request id: {one_line(as_text(step.request_id))}"


def _places(response: Response) -> Iterator[str]:
    for label, value in (
        ("node", response.node_name or response.node_id),
        ("dialog", response.dialog_name),
        ("intent", response.intent_id),
        ("transitions", response.path),
    ):
        if value:
            yield f"{label} {one_line(as_path(value))}"
