"""`python -m tests.gate.anomalies [--accounts N] [--days N]`: prints the figures as Markdown."""

import argparse

from tests.gate.anomalies.clean_world import Size
from tests.gate.anomalies.evaluation import figures, table

parser = argparse.ArgumentParser(prog="python -m tests.gate.anomalies")
parser.add_argument("--accounts", type=int, default=200)
parser.add_argument("--days", type=int, default=180)
parser.add_argument("--every", type=int, default=1, help="plant in every n-th account")
options = parser.parse_args()
print(table(*figures(Size(accounts=options.accounts, judged=options.days), options.every)))
