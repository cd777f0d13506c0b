"""The wheel's build hook: compiles the page's templates, so that no gate has to."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from jinja2 import FileSystemLoader

PAGE = "gatekeeper/core/reports/page"


class CompiledTemplates(BuildHookInterface[Any]):
    """Adds the compiled templates to the wheel; an editable install loads their sources."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile the templates into a temporary folder, which the wheel includes."""
        self.folder = TemporaryDirectory()
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        from gatekeeper.core.reports.page.templates import environment

        sources = FileSystemLoader(Path(self.root, PAGE, "assets"))
        environment(sources).compile_templates(self.folder.name, ["html"], zip=None)
        build_data["force_include"][self.folder.name] = f"{PAGE}/compiled"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002 - hatchling's
        """Remove the temporary folder."""
        self.folder.cleanup()
