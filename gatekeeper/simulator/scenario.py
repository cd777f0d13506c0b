"""A scenario: a conversation with the app, its suite's expectations, and how its run goes.

A scenario's file is a JSON object:

- `title`: one line; `duration`: seconds of simulated time; `nodes`: the type of each node by name;
- `steps`: an object per user input, with `input`, `event` (optional) and `responses`;
  `"not_executed": true` for a step that the run does not reach; `{"repeat": 3, "steps": [...]}`
  repeats these steps three times, with `<n>` in their texts replaced by the number of the round;
- `hold`: the percentage at which the run stops, for a run that never ends;
- `overrides`: what the platform reports instead, see the module `overrides`.

Anywhere in it, an object with `first` and `second` is the one value in the first run of its suite,
the other in the second, and so on in turn.

A response has `says` (text, or a message template as an object; missing if the bot does not
respond) and `expects` (variations, one of which has to match, with `{{...}}` matching anything;
missing for exactly what the bot says, `[]` for no text assertion). `dialog`, `intent`, `node` and
`transitions` say where in the flow the response comes from, and `flow` lists which of these are
asserted; `standard` is the category of a standard response. `context` has the asserted variables
by name. A value that differs from the expected one is an object with `expected` and `actual`. A
text can also be `{"repeat": 3, "text": "..."}`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

_TURNS = ("first", "second")
_PLACES = ("dialog", "intent", "node", "transitions")


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the app's flow a response comes from; unknown parts are empty."""

    dialog: str = ""
    intent: str = ""
    node: str = ""
    transitions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Variable:
    """A context variable with its expected and actual value."""

    name: str
    expected: Any
    actual: Any


@dataclass(frozen=True, slots=True)
class Response:
    """A message of the bot and its assertions; `says` is `None` if the bot does not respond."""

    says: str | None
    expects: tuple[str, ...]
    standard: str | None
    expected: Place
    actual: Place
    flow: tuple[str, ...]
    context: tuple[Variable, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A user input and the responses to it."""

    input: str
    event: str | None
    responses: tuple[Response, ...]
    executed: bool


@dataclass(frozen=True, slots=True)
class Scenario:
    """A conversation; `duration` is in seconds of simulated time.

    If runs take turns, every second one follows the scenario `second`.
    """

    name: str
    title: str
    duration: float
    nodes: Mapping[str, str]
    steps: tuple[Step, ...]
    hold: int | None
    overrides: tuple[Mapping[str, Any], ...]
    second: Scenario | None = None


def read_scenario(name: str, text: str) -> Scenario:
    """Read a scenario's file; raises `KeyError` or `ValueError` if it is invalid."""
    data = json.loads(text)
    first, second = (_of_turn(data, turn) for turn in _TURNS)
    scenario = _scenario(name, first)
    return scenario if first == second else replace(scenario, second=_scenario(name, second))


def _of_turn(value: Any, turn: str) -> Any:
    """Return a value of a file as it is in this turn."""
    if isinstance(value, list):
        return [_of_turn(item, turn) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == set(_TURNS):
        return value[turn]
    return {key: _of_turn(item, turn) for key, item in value.items()}


def _scenario(name: str, data: dict[str, Any]) -> Scenario:
    return Scenario(
        name=name,
        title=data["title"],
        duration=data["duration"],
        nodes=data.get("nodes", {}),
        steps=tuple(_step(step) for step in _unrolled(data["steps"])),
        hold=data.get("hold"),
        overrides=tuple(data.get("overrides", ())),
    )


def _unrolled(steps: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for step in steps:
        if "repeat" in step:
            pattern = json.dumps(step["steps"])
            for number in range(1, step["repeat"] + 1):
                yield from json.loads(pattern.replace("<n>", str(number)))
        else:
            yield step


def _step(data: dict[str, Any]) -> Step:
    _check(data, "input", "event", "responses", "not_executed")
    return Step(
        input=data["input"],
        event=data.get("event"),
        responses=tuple(_response(response) for response in data["responses"]),
        executed=not data.get("not_executed", False),
    )


def _response(data: dict[str, Any]) -> Response:
    _check(data, "says", "expects", "standard", "flow", "context", *_PLACES)
    says = _text(data["says"]) if "says" in data else None
    expects = (
        [_text(variation) for variation in data["expects"]] if "expects" in data else [says or ""]
    )
    places = {name: _sides(data[name]) for name in _PLACES if name in data}
    variables = ((name, *_sides(value)) for name, value in data.get("context", {}).items())
    return Response(
        says=says,
        expects=tuple(expects),
        standard=data.get("standard"),
        expected=_place({name: expected for name, (expected, _) in places.items()}),
        actual=_place({name: actual for name, (_, actual) in places.items()}),
        flow=tuple(data.get("flow", ())),
        context=tuple(Variable(*variable) for variable in variables),
    )


def _place(values: dict[str, Any]) -> Place:
    return Place(**{**values, "transitions": tuple(values.get("transitions", ()))})


def _sides(value: Any) -> tuple[Any, Any]:
    """Return the expected and the actual value; they are equal unless the value has both."""
    if isinstance(value, dict) and value.keys() == {"expected", "actual"}:
        return value["expected"], value["actual"]
    return value, value


def _text(value: Any) -> str:
    """Return a text as the platform sends it: a message template is JSON in a string."""
    if isinstance(value, str):
        return value
    if "repeat" in value:
        return str(value["text"]) * int(value["repeat"])
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _check(data: dict[str, Any], *known: str) -> None:
    if unknown := data.keys() - set(known):
        raise ValueError(f"unknown keys in a scenario: {', '.join(sorted(unknown))}")
