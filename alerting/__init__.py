"""Incidents, morning digests and their delivery to Slack. Runs without Dagster.

Causes are read from ``ops`` tables, told once through ``ops.outbox`` in the same transaction, and posted at least once.
"""
