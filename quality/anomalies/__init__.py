"""Warnings of drifts in published figures. Pure functions over series; `warehouse` and `listings` alone read tables."""
