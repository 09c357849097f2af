"""HTTP with retry, back-off and one rate budget per credential."""

from ingestion.http.budget import CredentialBudget, Limit, Usage
from ingestion.http.transport import Caller, Connections, NamedCaller, Transport

__all__ = ["Caller", "Connections", "CredentialBudget", "Limit", "NamedCaller", "Transport", "Usage"]
