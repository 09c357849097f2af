"""Asset checks: what was read completely and what the build must satisfy."""
