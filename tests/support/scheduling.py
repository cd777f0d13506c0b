"""How the tests are handed out to the processes that run them."""

from xdist.scheduler import LoadFileScheduling

# Tests of these files share nothing and mostly wait: each goes to whichever process is free. The
# tests of another file stay together in one process, for what they share is made once.
APART = {
    "tests/platforms/test_composite.py",
    "tests/reliability/test_earlier_reports.py",
    "tests/reliability/test_hostile_text.py",
    "tests/reliability/test_interruption.py",
    "tests/test_commands.py",
    "tests/test_fleet.py",
    "tests/test_gate.py",
    "tests/test_live.py",
}
# These run several programs at a time and hold them to deadlines: never one beside the other.
MEASURED = {"tests/reliability/test_faults.py", "tests/reliability/test_time.py"}


class Scheduling(LoadFileScheduling):  # type: ignore[misc]
    """Hands out whole files, and the tests of some files by themselves."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        if path in MEASURED:
            return "measured"
        return nodeid if path in APART else path
