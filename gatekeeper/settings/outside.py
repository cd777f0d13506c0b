"""The sources of a setting outside of the configuration file: flag, variable, input, platform."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from gatekeeper.settings.setting import Setting


class Given(NamedTuple):
    """A value as text, and its source in the user's words.

    GitHub and GitLab pass on an input's default as if somebody had chosen it: such a value
    `may_be_default`.
    """

    source: str
    text: str
    may_be_default: bool = False


def given_outside(
    setting: Setting[Any], flags: Mapping[str, Any], environ: Mapping[str, str]
) -> Iterator[Given]:
    """Yield what is given for a setting, in order of precedence; blank values are not."""
    flag = flags.get(setting.parameter)
    if isinstance(flag, bool):
        yield Given(str(setting.flag if flag else setting.off_flag), str(flag).lower())
    elif setting.flag and (text := _text(flag)):
        yield Given(setting.flag, text)
    for source, variable in (
        (setting.variable, setting.variable),
        (f"input {setting.name}", setting.input_variable),
    ):
        if text := _text(environ.get(variable)):
            yield Given(source, text, text == setting.default_text)
    if setting.switched_on_by and environ.get(setting.switched_on_by) == "1":
        yield Given(setting.switched_on_by, "true")


def _text(value: str | tuple[str, ...] | None) -> str:
    return "\n".join(value).strip() if isinstance(value, tuple) else (value or "").strip()
