"""Back-test of the expected final values against the sandbox's truth."""
