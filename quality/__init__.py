"""Decides which numbers may be published: expectations, reconciliation with the platforms' totals, and the gate.

Reads `analytics_build` and `ops`; owns ops.check_run, ops.check_failure, ops.certificate, ops.gate_decision and
ops.held_day. Imports only `foundation`; great_expectations is loaded when expectations run, not before.
"""
