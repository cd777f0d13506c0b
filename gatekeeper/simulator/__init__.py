"""An embedded server of the platform's test suite API, which needs no account.

It implements the platform's documentation and imports nothing else of gatekeeper, so that the gate
can be tested against it.
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
