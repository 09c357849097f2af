"""HTTP with retry, back-off and one rate budget per credential."""

from ingestion.http.budget import CredentialBudget
from ingestion.http.transport import Transport

__all__ = ["CredentialBudget", "Transport"]
