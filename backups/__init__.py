"""Backups of the warehouse: dump, store, verify by restoring, restore, prune. Runs without Dagster.

Only archives whose checksum this installation recorded (or the operator gives) are ever handed to pg_restore.
"""
