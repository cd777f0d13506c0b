"""The platform's test-suite API on this machine: an embedded server that needs no account.

It is written from the platform's documentation and uses nothing of the gate itself, so that the
gate can be measured against it.
"""

from gatekeeper.simulator.faults import Fault, read_faults
from gatekeeper.simulator.library import scenario_names, scenario_title
from gatekeeper.simulator.server import Request, Simulator

__all__ = [
    "Fault",
    "Request",
    "Simulator",
    "read_faults",
    "scenario_names",
    "scenario_title",
]
