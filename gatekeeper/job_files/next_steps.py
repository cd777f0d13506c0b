"""What is left to do after `init`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gatekeeper.job_files.new_gate import CONFIG_FILE, JobPlace, NewGate
from gatekeeper.job_files.platforms import GITHUB
from gatekeeper.job_files.sources import default_action
from gatekeeper.origin import ACTION, IMAGE, is_placeholder


def next_steps(gate: NewGate, place: JobPlace, written: Sequence[str]) -> Iterator[str]:
    """Yield the steps, in the order in which they are done."""
    platform = gate.platform
    files = {"path": platform.path, "beside": platform.beside, "job": place.path or platform.path}
    names = {"title": platform.title, **files}
    if is_placeholder(gate.source):
        where = f"in {names['job']}, " if platform.path else ""
        what, flags = (
            ("action", "--action or --image") if platform is GITHUB else ("image", "--image")
        )
        yield (
            f"{where}replace {gate.source}, a placeholder, with the {what} of your own copy of "
            f"gatekeeper, as its docs/how-to/own-copy.md describes ({flags} of init sets it)"
        )
    elif (own := default_action()) != ACTION and gate.source == own:
        repository, _, commit = own.partition("@")
        yield f"push the commit {commit[:8]} of gatekeeper to {repository}, unless it has it"
    elif own != ACTION and gate.source == IMAGE:
        yield (
            f"build and push the image {IMAGE}, unless it exists, as docs/how-to/own-copy.md of "
            "gatekeeper describes"
        )
    if place.is_beside:
        yield platform.then.format(**names)
    if not platform.path:
        yield (
            'have the job run: docker run --rm --user "$(id -u)" --volume "$PWD:$PWD" '
            '--workdir "$PWD" --env GATEKEEPER_CLIENT_SECRET '
            f"{gate.source} gate --host {gate.host}"
        )
    if missing := _to_fill_in(gate):
        yield f"in {CONFIG_FILE}, fill in {missing}"
    yield (
        "in the app's JWT credentials, grant the scope Conversation Tests Execution, then publish "
        "the app"
    )
    yield platform.secret.format(**names)
    if gate.comment and platform.before_comments:
        yield platform.before_comments
    yield (
        "set GATEKEEPER_CLIENT_SECRET in a shell and run gatekeeper doctor: it checks the "
        "settings, the credentials and the suites, and starts no run"
    )
    yield f"commit and push {' and '.join(written)}"


def _to_fill_in(gate: NewGate) -> str:
    values = {"client-id": gate.client_id, "user-email": gate.user_email}
    return " and ".join(name for name, value in values.items() if not value)
