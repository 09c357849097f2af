"""`make contracts`: writes the columns of the contracts into the dbt YAMLs beside the models."""

import sys

from quality.contracts.dbt_columns import all_drift, model_file, rewritten
from quality.contracts.document import ContractError
from quality.contracts.files import contracts


def main() -> int:
    """Rewrite what drifted; 1 where something is left that people must mend by hand."""
    drifted = all_drift()
    for contract in contracts("analytics"):
        path = model_file(contract)
        if path is None or contract.name not in drifted:
            continue
        path.write_text(rewritten(path.read_text(encoding="utf-8"), contract), encoding="utf-8")
        sys.stdout.write(f"{path.name}: columns written\n")
    left = all_drift()
    for table, differences in left.items():
        for difference in differences:
            sys.stderr.write(f"{table}: {difference}\n")
    return 1 if left else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ContractError as error:
        sys.exit(str(error))
