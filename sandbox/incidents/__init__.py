"""A wire between the sandbox and the product on which the numbers themselves are wrong, one account at a time."""

from sandbox.incidents.kinds import KINDS, Kind, Planted
from sandbox.incidents.wire import IncidentWire, start_incident_wire

__all__ = ["KINDS", "IncidentWire", "Kind", "Planted", "start_incident_wire"]
