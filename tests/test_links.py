"""Every relative link in the documentation leads to a file, and its anchor to a heading."""

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from support.program import ROOT

PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
MARKDOWN = MarkdownIt("commonmark").enable("table")
# What is checked nowhere: other hosts, which a test must not ask.
ELSEWHERE = ("https://", "mailto:")


def anchor_of(heading: str) -> str:
    """Return the anchor that GitHub gives to the text of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def text_of(inline: Token) -> str:
    """Return the text of a heading, as a reader sees it."""
    return "".join(part.content for part in inline.children or ())


def anchors_of(page: str) -> set[str]:
    """Return the anchors of all headings of a page; repeated ones are numbered."""
    tokens = MARKDOWN.parse(page)
    found: dict[str, int] = {}
    anchors = set()
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open":
            anchor = anchor_of(text_of(inline))
            count = found[anchor] = found.get(anchor, -1) + 1
            anchors.add(f"{anchor}-{count}" if count else anchor)
    return anchors


def links_of(page: str) -> Iterator[str]:
    """Return the targets of all links and pictures of a page."""
    for token in MARKDOWN.parse(page):
        for part in token.children or ():
            if target := part.attrGet("href") or part.attrGet("src"):
                yield unquote(str(target))


def broken_links(pages: Mapping[Path, str]) -> list[str]:
    """Return the links of pages to files or headings that do not exist."""
    anchors = {path: anchors_of(text) for path, text in pages.items()}
    broken = []
    for path, text in pages.items():
        for link in links_of(text):
            name, _, anchor = link.partition("#")
            target = (path.parent / name).resolve() if name else path
            if not link.startswith(ELSEWHERE) and (
                not (target in pages or target.exists())
                or not target.is_relative_to(ROOT)
                or (anchor and anchor not in anchors.get(target, ()))
            ):
                broken.append(f"{path.relative_to(ROOT)}: {link}")
    return broken


def test_every_link_of_the_documentation_leads_to_a_file_and_a_heading_of_it() -> None:
    pages = {path: path.read_text(encoding="utf-8") for path in PAGES}
    assert len(pages) > 40
    assert broken_links(pages) == []


def test_every_page_is_reached_from_the_index() -> None:
    """And the index from the README."""
    index = ROOT / "docs/index.md"
    links = set(links_of(index.read_text(encoding="utf-8")))
    reached = {(index.parent / link).resolve() for link in links}
    assert {path for path in PAGES if path.is_relative_to(index.parent)} - {index} <= reached
    assert "docs/index.md" in links_of((ROOT / "README.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "link",
    [
        "missing.md",
        "README.md#no-such-heading",
        "#no-such-heading",
        "/README.md",
        "../README.md",
        "http://example.com",
    ],
)
def test_a_link_that_leads_nowhere_is_found(link: str) -> None:
    page = f"# A heading\n\n[A link](README.md), [another](#a-heading), [a third]({link})\n"
    pages = {ROOT / "README.md": "# gatekeeper", ROOT / "PAGE.md": page}
    assert broken_links(pages) == [f"PAGE.md: {link}"]


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("Many suites: gatekeeper.toml", "many-suites-gatekeepertoml"),
        ("`[[known-failure]]`", "known-failure"),
        ("Docker, and an env file", "docker-and-an-env-file"),
        ("Green / red", "green--red"),
        ("*Slow* Übergänge_", "slow-übergänge_"),
        ("[A link](https://example.com)", "a-link"),
    ],
)
def test_anchors_are_those_of_github(heading: str, anchor: str) -> None:
    page = f"## {heading}\n\ntext\n\n## {heading}\n"
    assert anchors_of(page) == {anchor, f"{anchor}-1"}
