"""The ledger test: ingestion under faults against the sandbox's truth (docs/decisions/0029)."""
