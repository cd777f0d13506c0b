"""A hook of mkdocs: on the site, links to files outside of `docs/` lead to the repository.

In the repository they are relative, so that they work in every checkout and fork.
"""

import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1].resolve()
DOCS = ROOT / "docs"
_LINK = re.compile(r"\]\((\.\./[^)#\s]*)")


def on_page_markdown(markdown: str, *, page: Any, config: Any, **_: Any) -> str:
    """Return the page with absolute links to files outside of `docs/`."""
    folder = (DOCS / page.file.src_uri).parent

    def absolute(link: re.Match[str]) -> str:
        target = (folder / link[1]).resolve()
        if target.is_relative_to(DOCS):
            return link[0]
        return f"]({config['repo_url']}/blob/main/{target.relative_to(ROOT).as_posix()}"

    return _LINK.sub(absolute, markdown)
