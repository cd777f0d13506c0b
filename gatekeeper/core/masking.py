"""Masking the texts of a gate once it is judged, so that no report can show a secret.

Only what a person reads is masked: never the names that objects have where those are plain words,
never numbers, and never what the gate judges by. What needs no masking stays the same object.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from typing import Any, TypeAlias, TypeVar, overload

import msgspec
from msgspec.structs import replace

from gatekeeper.core.answer.shape import LazySteps, Step
from gatekeeper.core.model import Case, Gate, Mismatch, Run
from gatekeeper.core.step_ids import unique

Mask: TypeAlias = Callable[[str], str]
"""Returns a text with every secret in it masked."""

Value = TypeVar("Value")
Struct = TypeVar("Struct", bound=msgspec.Struct)

# The platform's words, or what a later gate compares: as plain words, they are no secret.
_WORDS: dict[type, tuple[str, ...]] = {
    Mismatch: ("kind",),
    Run: ("bot_version", "language", "variant"),
}
_STEPS_AT_ONCE = 8


def masked(gate: Gate, mask: Mask) -> Gate:
    """Return a gate with all texts masked that come from outside or may quote what does."""
    runs = _sequence(gate.runs, lambda run: masked_run(run, mask))
    unwritten = masked_value(gate.unwritten, mask)
    if runs is gate.runs and unwritten is gate.unwritten:
        return gate
    return replace(gate, runs=runs, unwritten=unwritten)


def masked_run(run: Run, mask: Mask) -> Run:
    """Return a run with all texts masked; its steps are masked whenever they are drawn.

    The ids of its steps are those of the masked steps, so they are the same in every run.
    """
    shown = _struct(run, mask)
    if shown.saved_ids != run.saved_ids and len(set(shown.saved_ids)) < len(run.saved_ids):
        return replace(shown, saved_ids=unique(shown.saved_ids))
    return shown


def masked_value(value: Value, mask: Mask) -> Value:
    """Return any value with its texts masked, at any depth."""
    return _value(value, mask)  # type: ignore[no-any-return] # of the same type


def masked_file(content: bytes, mask: Mask) -> bytes:
    """Return a file with its texts masked: of JSON the values alone, of anything else all of it.

    A file without a secret stays as it is, byte for byte.
    """
    text = content.decode("utf-8", "surrogateescape")
    masked_text = mask(text)
    if masked_text == text:
        return content
    try:
        document = msgspec.json.decode(content)
        return msgspec.json.format(msgspec.json.encode(masked_value(document, mask)), indent=2)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return masked_text.encode("utf-8", "surrogateescape")


def _value(value: Any, mask: Mask) -> Any:  # noqa: PLR0911 - one for each kind of value
    match value:
        case Enum():
            return value
        case str():
            return mask(value)
        case list() | tuple():
            return _sequence(value, lambda item: _value(item, mask))
        case dict():
            return _object(value, mask)
        case LazySteps():
            return _steps(value, mask)
        case Run():
            return masked_run(value, mask)
        case Case(reasons=(), warnings=()):
            return value
        case msgspec.Struct():
            return _struct(value, mask)
    return value


def _struct(value: Struct, mask: Mask) -> Struct:
    words = _WORDS.get(type(value), ())
    changes: dict[str, Any] = {}
    for name in value.__struct_fields__:
        field = getattr(value, name)
        shown = _name(field, mask) if name in words else _value(field, mask)
        if shown is not field and shown != field:
            changes[name] = shown
    return replace(value, **changes) if changes else value


def _sequence(values: Any, shown: Callable[[Any], Any]) -> Any:
    found = [shown(value) for value in values]
    if all(new is old for new, old in zip(found, values, strict=True)):
        return values
    return type(values)(found)


def _object(value: dict[str, Any], mask: Mask) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, item in value.items():
        shown = key = _name(name, mask)
        number = 2
        while shown in found:
            shown, number = f"{key} ({number})", number + 1
        found[shown] = _value(item, mask)
    return found


def _name(name: Any, mask: Mask) -> Any:
    """Mask a name, unless it is a plain word: `assertions` is no secret, even as a password."""
    return name if not isinstance(name, str) or name.isalpha() else mask(name)


def _steps(steps: LazySteps, mask: Mask) -> LazySteps:
    """Return the steps so that those with a secret are masked when they are drawn."""
    with_secrets = frozenset(_with_secrets(steps, mask))
    return MaskedSteps(steps, with_secrets, mask) if with_secrets else steps


def _with_secrets(steps: LazySteps, mask: Mask) -> Iterator[int]:
    """Yield which steps have a secret: a mask sees it in the JSON, however it is escaped there."""
    for first in range(0, len(steps), _STEPS_AT_ONCE):
        group = range(first, min(first + _STEPS_AT_ONCE, len(steps)))
        if _differs(",".join(map(steps.raw, group)), mask):
            yield from (index for index in group if _differs(steps.raw(index), mask))


def _differs(text: str, mask: Mask) -> bool:
    return mask(text) != text


class MaskedSteps(LazySteps):
    """The steps of a response, of which those with a secret are masked whenever they are drawn."""

    __slots__ = ("_mask", "_with_secrets")

    def __init__(self, steps: LazySteps, with_secrets: frozenset[int], mask: Mask) -> None:
        super().__init__(steps._raw)  # noqa: SLF001 - of its own base class
        self._with_secrets = with_secrets
        self._mask = mask

    def __iter__(self) -> Iterator[Step]:
        for index, step in enumerate(super().__iter__()):
            yield self._shown(index, step)

    @overload
    def __getitem__(self, index: int) -> Step: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Step]: ...
    def __getitem__(self, index: int | slice) -> Step | Sequence[Step]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        return self._shown(range(len(self))[index], super().__getitem__(index))

    def raw(self, index: int) -> str:
        """Return the JSON of a step, masked as text: it is shown, and not read again."""
        raw = super().raw(index)
        return self._mask(raw) if index in self._with_secrets else raw

    def _shown(self, index: int, step: Step) -> Step:
        return masked_value(step, self._mask) if index in self._with_secrets else step
