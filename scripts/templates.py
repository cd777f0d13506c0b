"""Compile the templates of `report.html`, so that no gate has to.

`--check` writes nothing, and fails where what is there is not what the templates say.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from jinja2 import FileSystemLoader

# The script compiles for the checkout it lies in, installed or not.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from gatekeeper.core.reports.page import compiled
from gatekeeper.core.reports.page.document import environment

COMPILED = Path(compiled.__path__[0])
ASSETS = COMPILED.with_name("assets")


def modules(folder: Path) -> dict[str, str]:
    """Return the compiled templates in a folder, by their file names."""
    return {file.name: file.read_text(encoding="utf-8") for file in folder.glob("tmpl_*.py")}


def main() -> None:
    """Write the compiled templates, or hold those that are there against their sources."""
    with TemporaryDirectory() as folder:
        # Whether escaping is on is part of what is compiled, as is how blanks are trimmed.
        environment(FileSystemLoader(ASSETS)).compile_templates(folder, zip=None)
        fresh = modules(Path(folder))
    there = modules(COMPILED)
    if "--check" not in sys.argv:
        for name in there.keys() - fresh.keys():
            (COMPILED / name).unlink()
        for name, source in fresh.items():
            (COMPILED / name).write_text(source, encoding="utf-8")
    elif there != fresh:
        sys.exit("the compiled templates are not what their sources say: run `make templates`")


if __name__ == "__main__":
    main()
