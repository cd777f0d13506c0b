"""HTML and links in a bot's text, as a person reads them."""

from __future__ import annotations

import html
import re

_BREAK = re.compile(r"<br\s{0,9}/?>", re.IGNORECASE)
# Only with its semicolon: "&copy=1" in an address is no entity.
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_ADDRESS = r"(?:https?://|mailto:|tel:|/)[^\s\"'<>()]{0,2000}"
# No text of a link extends over another "<" or "[", which keeps the search in proportion to the
# text; an image in Markdown stays as it is.
_HTML_LINK = re.compile(
    rf"<a\s[^<>]{{0,300}}?href\s{{0,9}}=\s{{0,9}}[\"']?({_ADDRESS})[\"']?[^<>]{{0,300}}>"
    r"([^<>]{0,1000})</a>",
    re.IGNORECASE,
)
_MARKDOWN_LINK = re.compile(rf"(?<!!)\[([^\[\]]{{1,1000}})\]\(({_ADDRESS})\)")


def resolved(text: str) -> str:
    """Return a text with breaks as line breaks, entities as characters, links with addresses.

    All other tags and Markdown stay as the bot sent them.
    """
    if "](" in text:
        text = _MARKDOWN_LINK.sub(r"\1 (\2)", text)
    if "<" in text:
        text = _HTML_LINK.sub(r"\2 (\1)", _BREAK.sub("\n", text))
    if "&" in text:
        text = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
    return text
