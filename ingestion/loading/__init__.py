"""From pages to raw tables: landing, completeness proof, account-day replacement, load ledger."""
