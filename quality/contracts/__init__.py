"""Data contracts, one file per published table and per raw report, in the Open Data Contract Standard 3.1.

``analytics/<table>.odcs.yaml`` is what the dbt contract of a model and its Great Expectations suite are made from;
``raw_<platform>/<report>.odcs.yaml`` says what a platform's answer must hold. ``python -m quality.contracts`` writes
the columns of a contract into the dbt YAML beside the model.
"""

from quality.contracts.document import Contract, ContractError, QualityRule, SchemaProperty
from quality.contracts.files import CONTRACTS, contracts, read_contract

__all__ = [
    "CONTRACTS",
    "Contract",
    "ContractError",
    "QualityRule",
    "SchemaProperty",
    "contracts",
    "read_contract",
]
