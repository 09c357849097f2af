"""`python -m tests.gate.anomalies`: the figures as Markdown, of the seed of the choice and of seeds beside it."""

import argparse
import sys

from tests.gate.anomalies.clean_world import Size
from tests.gate.anomalies.report import CHOSEN_ON, JUDGED_ON, PLANTED_IN, faults, figures, table

parser = argparse.ArgumentParser(prog="python -m tests.gate.anomalies")
parser.add_argument("--accounts", type=int, default=Size.accounts)
parser.add_argument("--days", type=int, default=Size.judged)
parser.add_argument("--planted-in", type=int, default=PLANTED_IN, help="accounts that drifts are planted in")
parser.add_argument("--seeds", type=int, nargs="+", default=[CHOSEN_ON, *JUDGED_ON])
options = parser.parse_args()
played = [
    figures(Size(accounts=options.accounts, judged=options.days, seed=seed), options.planted_in)
    for seed in options.seeds
]
print("\n".join(table(played)))
wrong = [fault for one in played for fault in faults(one)]
print("\n".join(wrong), file=sys.stderr)
sys.exit(1 if wrong else 0)
