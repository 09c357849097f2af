"""Recorded data of real accounts, served in the platforms' wire formats."""

from sandbox.recorded.source import RecordedSource, write_recorded_client_files

__all__ = ["RecordedSource", "write_recorded_client_files"]
