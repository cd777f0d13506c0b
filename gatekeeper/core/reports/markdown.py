"""Markdown in which no text of a bot is markup: escaped texts, links, folds and marked lines."""

from __future__ import annotations

import re
from collections.abc import Iterable

from gatekeeper.core.text import printable
from gatekeeper.core.wording.styled import Line, Mark, Marks, rendered

# Characters that could start markup or HTML in a text from a bot; and a slash that could start a
# line, which GitLab would take for a command.
_MARKUP = re.compile(r"[\\`*_{}\[\]()<>#+!|~@&:\"']|(?<!\S)/")
# What GitHub or GitLab turns into a mention, a reference or a link, even after a character
# reference.
_LINKS = re.compile(
    r"@|#|:(?=//)|www(?=\.)|[!$%&~](?=[\w\"])|\bG[HL]-(?=\d)|\[(?=[a-z_]+:)", re.IGNORECASE
)
_NOT_OF_URLS = re.compile(r"[^A-Za-z0-9/?&=.:%~+,;-]")
_DIFFERENCE: Marks = {Mark.MISSING: ("<del>", "</del>"), Mark.EXTRA: ("<ins>", "</ins>")}


def plain(text: str) -> str:
    """Escape a text so that Markdown and HTML show it unchanged, without links."""
    unlinked = _LINKS.sub("\\g<0>\N{WORD JOINER}", printable(text))
    return _MARKUP.sub(lambda match: f"&#{ord(match[0])};", unlinked)


def marked(spans: Line) -> str:
    """Escape a line and mark its differences."""
    return rendered(spans, _DIFFERENCE, plain)


def link(url: str, text: str) -> str:
    """Link a text to a URL that is safe to link to."""
    # What means something in Markdown or HTML, but nothing in a URL, is percent-encoded.
    quoted = _NOT_OF_URLS.sub(lambda match: f"%{ord(match[0]):02X}", url)
    return f'<a href="{quoted.replace("&", "&amp;")}">{plain(text)}</a>'


def folded(title: str, body: str, *, opened: bool = False) -> str:
    """Fold Markdown or HTML under a title."""
    details = "<details open>" if opened else "<details>"
    return f"{details}<summary>{plain(title)}</summary>\n\n{body}\n</details>\n\n"


def transcript(title: str, lines: Iterable[Line]) -> str:
    """Fold lines under a title, each as it is, with its differences marked."""
    body = "\n".join(map(marked, lines))
    return folded(title, f"<pre>\n{body}\n</pre>\n")
