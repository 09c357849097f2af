"""A wire between a client and the sandbox on which answers go wrong, byte by byte and page by page."""

from sandbox.faulty_wire.faults import WIRE_KINDS, WireFault, possible
from sandbox.faulty_wire.handle import WireHandle, start_wire

__all__ = ["WIRE_KINDS", "WireFault", "WireHandle", "possible", "start_wire"]
