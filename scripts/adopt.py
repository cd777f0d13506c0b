"""Replace the placeholders in all tracked files with the names of your own copy.

`make adopt` passes its variables on as environment variables: OWNER is the GitHub user or
organization, REGISTRY the registry and path that the image's name follows (by default, the
owner's on ghcr.io), and GITLAB the server and group of the project on GitLab (by default, the
owner's on gitlab.com). `--check` changes nothing, and fails if a placeholder is left.

No placeholder is spelled out here, so that the script does not change itself.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PLACEHOLDER = "owner"
PROJECT = "gatekeeper"

# A name without a dot or a port would be a user of Docker Hub, not a host.
_HOST = r"(?:localhost|(?=[^/]*[.:])[a-z0-9]+(?:[.-][a-z0-9]+)*)(?::\d+)?"
# Accounts that a company manages have an underscore in their names.
_OWNER = re.compile(r"(?=.{1,39}\Z)[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*")
_REGISTRY = re.compile(rf"{_HOST}(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*")
_GITLAB = re.compile(rf"{_HOST}(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)+")


class Refused(Exception):
    """Names or a checkout that cannot be used; the message is the reason."""


@dataclass(frozen=True)
class Names:
    """Where a copy's repository, image and GitLab project are; their own name stays the same."""

    owner: str
    registry: str
    gitlab: str

    @property
    def full(self) -> dict[str, str]:
        """The full names, by what they name."""
        return {
            "GitHub repository": f"{self.owner}/{PROJECT}",
            "image": f"{self.registry}/{PROJECT}",
            "GitLab project": f"{self.gitlab}/{PROJECT}",
        }

    def put_in(self, text: str) -> str:
        """Return a text with these names instead of the placeholders."""
        values = {
            rf"ghcr\.io/{PLACEHOLDER}(?![\w-])": self.registry,
            rf"gitlab\.com/{PLACEHOLDER}(?![\w-])": self.gitlab,
            rf"\b{PLACEHOLDER.upper()}(?=/)": self.owner,
            rf"\b{PLACEHOLDER.upper()}(?=\.github\.io\b)": self.owner.lower(),
            # Without a server, as GitLab's `include` names a project.
            rf"\b{PLACEHOLDER}(?=/{PROJECT}\b)": self.gitlab.partition("/")[2],
        }
        # In one pass, so that no name is taken for a placeholder.
        pattern = re.compile("|".join(f"({key})" for key in values))
        names = list(values.values())
        return pattern.sub(lambda match: names[(match.lastindex or 1) - 1], text)


def names_from(variables: Mapping[str, str]) -> Names:
    """Read the names; raises `Refused` with all that is wrong with them."""
    owner = variables.get("OWNER", "")
    if not owner:
        raise Refused("OWNER is missing: make adopt OWNER=acme, with your GitHub organization")
    if not _OWNER.fullmatch(owner):
        raise Refused(f"OWNER={owner} is not a GitHub user or organization, such as OWNER=acme")
    registry = variables.get("REGISTRY") or f"ghcr.io/{owner.lower()}"
    gitlab = variables.get("GITLAB") or f"gitlab.com/{owner}"
    problems = []
    if not _REGISTRY.fullmatch(registry):
        problems.append(
            f"REGISTRY={registry} is not a registry's host and path in lower case, such as "
            "REGISTRY=registry.acme.io/ci or REGISTRY=docker.io/acme"
        )
    if not _GITLAB.fullmatch(gitlab):
        problems.append(
            f"GITLAB={gitlab} is not a GitLab server and group, such as GITLAB=gitlab.acme.io/ci"
        )
    for name, value in (("REGISTRY", registry), ("GITLAB", gitlab)):
        if value.endswith(f"/{PROJECT}"):
            problems.append(f"{name}={value} must end before /{PROJECT}, which is added to it")
    names = Names(owner, registry, gitlab)
    problems += (
        f"{name} is still a placeholder" for name in names.full.values() if has_placeholder(name)
    )
    if problems:
        raise Refused("\n".join(problems))
    return names


def has_placeholder(text: str) -> bool:
    """Return whether there is a placeholder in a text."""
    return Names("", "", "").put_in(text) != text


def tracked_texts() -> Iterator[tuple[Path, str]]:
    """Yield each tracked text file and its content, with its line ends as they are.

    Raises `Refused` if Git tracks nothing here.
    """
    command = ["git", "ls-files", "-z"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)  # noqa: S603 - git
    except FileNotFoundError:
        raise Refused("git is not installed; it lists the files to change") from None
    paths = [ROOT / os.fsdecode(name) for name in done.stdout.split(b"\0") if name]
    if not paths:
        why = os.fsdecode(done.stderr).strip() or "no file is tracked"
        raise Refused(f"{ROOT} is not a usable clone of the repository: {why}")
    for path in paths:
        if path.is_file() and not path.is_symlink():
            try:
                yield path, path.read_bytes().decode()
            except UnicodeDecodeError:
                continue


def replace_content(path: Path, text: str) -> None:
    """Replace a file's content at once; raises `Refused`, with the file as it was."""
    new = path.with_name(".adopt")
    try:
        try:
            new.write_bytes(text.encode())
            shutil.copymode(path, new)
            new.replace(path)
        finally:
            new.unlink(missing_ok=True)
    except OSError as error:
        raise Refused(
            f"{path} cannot be replaced: {error.strerror}\n"
            "Files may have changed before it; run this again to change the rest"
        ) from None


def adopt(names: Names) -> list[Path]:
    """Put the names in all tracked files, and return the files that changed.

    Raises `Refused` if there is nothing to replace and the files have other names.
    """
    texts = dict(tracked_texts())
    changed = {path: names.put_in(text) for path, text in texts.items()}
    changed = {path: text for path, text in changed.items() if text != texts[path]}
    for path, text in changed.items():
        replace_content(path, text)
    everything = "\n".join(texts.values())
    if not changed and not all(name in everything for name in names.full.values()):
        raise Refused(
            "No placeholders are left, but the files have other names than these. "
            "Revert the commit that replaced the placeholders, then run this again"
        )
    return list(changed)


def check() -> None:
    """Raise `Refused` with the files that have a placeholder, if there are any."""
    left = [
        f"  {path.relative_to(ROOT)}" for path, text in tracked_texts() if has_placeholder(text)
    ]
    if left:
        raise Refused("\n".join(("Run `make adopt` first; these files have placeholders:", *left)))


def main() -> None:
    """Replace the placeholders, and print what changed."""
    try:
        if "--check" in sys.argv:
            check()
            return
        names = names_from(os.environ)
        changed = adopt(names)
    except Refused as refused:
        sys.exit(str(refused))
    if changed:
        print(f"Replaced the placeholders in {len(changed)} files:")
        print(*(f"  {path.relative_to(ROOT)}" for path in changed), sep="\n")
    else:
        print("Nothing to do: the files have these names already.")
    print(*(f"{what}: {name}" for what, name in names.full.items()), sep="\n")
    if changed:
        print(
            "Review the changes with `git diff`, then commit and push them. Then build and push "
            "the image: docs/how-to/own-copy.md says how."
        )


if __name__ == "__main__":
    main()
