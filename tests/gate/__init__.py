"""Planted incidents through the sandbox, a clean half year by COPY, and whether the gate tells them apart."""
