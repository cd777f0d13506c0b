"""HTML that has to be sound: every element is closed, and nothing in it is a script or a style."""

from __future__ import annotations

from collections import Counter
from html.parser import HTMLParser

from lxml import html

VOID = {"meta", "input", "br", "circle", "path", "polyline"}


class Balance(HTMLParser):
    """Fails on an element that is not closed; counts the elements."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements[tag] += 1
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names))
        assert not {name for name in names if name == "style" or name.startswith("on")}
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def elements(page: str) -> Counter[str]:
    balance = Balance()
    balance.feed(page)
    balance.close()
    assert balance.open == []
    return balance.elements


def seen(page: str, path: str) -> list[str]:
    """Return the text of the elements at a path, with whitespace folded."""
    found = html.fromstring(page).xpath(path)
    return [" ".join(" ".join(element.itertext()).split()) for element in found]
