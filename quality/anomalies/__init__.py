"""Warnings of drifts in published figures. Pure functions over series; `warehouse` alone reads and writes tables."""
