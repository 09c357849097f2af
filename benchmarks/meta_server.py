"""A load generator that speaks Meta's contract: entities and daily insights, paged by cursor, from rendered bytes.

Run as `python -m benchmarks.meta_server --accounts 4 --ads 455 --days 110 --directory DIR`; it prints its URL when it
serves. No throttling, no errors, no restatement: for those there is the sandbox.
"""

import argparse
import sys
import threading
from collections.abc import Mapping
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import orjson

from benchmarks.meta_rows import ABSENT_FIELDS, AD_FIELDS, CURRENCY, TIMEZONE, RowFile, RowPlan, render

_DEFAULT_LIMIT = 25
_DELIVERING = {"status": "ACTIVE", "effective_status": "ACTIVE"}


class MetaServer(ThreadingHTTPServer):
    """Serves one plan's rows on a free loopback port."""

    daemon_threads = True

    def __init__(self, plan: RowPlan, directory: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files: Mapping[tuple[str, str], RowFile] = render(plan, directory)
        self.entities = {account_id: _entities(plan, account_id) for account_id in plan.account_ids}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


def _entities(plan: RowPlan, account_id: str) -> dict[str, list[bytes]]:
    """Objects of each edge; the account's own object under the empty name."""
    account = {
        "account_id": account_id, "id": f"act_{account_id}", "name": f"Account {account_id}", "account_status": 1,
        "currency": CURRENCY, "timezone_name": TIMEZONE,
    }  # fmt: skip
    campaigns, ad_sets, ads = {}, {}, []
    for number in range(plan.ads):
        campaign_id, ad_set_id = str(plan.campaign_of(number)), str(plan.ad_set_of(number))
        campaigns[campaign_id] = {
            "id": campaign_id, "name": f"Campaign {campaign_id}", "objective": "OUTCOME_SALES", **_DELIVERING,
            "daily_budget": "50000", "start_time": "2023-01-01T00:00:00-0500",
        }  # fmt: skip
        ad_sets[ad_set_id] = {
            "id": ad_set_id, "campaign_id": campaign_id, "name": f"Ad set {ad_set_id}", **_DELIVERING,
            "optimization_goal": "OFFSITE_CONVERSIONS",
        }  # fmt: skip
        ads.append(
            {
                "id": str(plan.ad_id(number)), "campaign_id": campaign_id, "adset_id": ad_set_id,
                "name": f"Ad {number}", **_DELIVERING, "creative": {"id": str(plan.ad_id(number) + 10**13)},
            }
        )  # fmt: skip
    edges: dict[str, list[dict[str, Any]]] = {
        "": [account], "campaigns": [*campaigns.values()], "adsets": [*ad_sets.values()], "ads": ads, "adcreatives": [],
    }  # fmt: skip
    return {name: [orjson.dumps(row) for row in rows] for name, rows in edges.items()}


class _Handler(BaseHTTPRequestHandler):
    server: MetaServer
    protocol_version = "HTTP/1.1"
    # One write an answer; without buffering, headers and body would wait for each other's acknowledgement.
    wbufsize = 1 << 20
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        parameters = dict(parse_qsl(address.query))
        _, _, node, *edge = address.path.split("/")
        account_id = node.removeprefix("act_")
        if node == "debug_token":
            self._answer(200, b'{"data":{"is_valid":true,"expires_at":0}}')
        elif account_id not in self.server.entities:
            self._answer(404, b'{"error":{"code":100,"error_subcode":33,"message":"Object does not exist"}}')
        elif edge == ["insights"]:
            self._insights(account_id, parameters)
        elif not edge:
            self._answer(200, self.server.entities[account_id][""][0])
        else:
            objects = self.server.entities[account_id][edge[0]]
            self._page(lambda start, stop: b",".join(objects[start:stop]), 0, len(objects), parameters)

    def _insights(self, account_id: str, parameters: dict[str, str]) -> None:
        if unknown := set(parameters["fields"].split(",")) - AD_FIELDS - ABSENT_FIELDS:
            message = f"{', '.join(sorted(unknown))} are not valid for fields param"
            self._answer(400, orjson.dumps({"error": {"code": 100, "message": message}}))
            return
        asked = orjson.loads(parameters["time_range"])
        file = self.server.files.get((account_id, parameters["level"]))
        if file is None or "breakdowns" in parameters:
            # Ad sets and breakdowns have no rows here: what is measured are the required reports.
            self._answer(200, b'{"data":[]}')
            return
        first, last = file.bounds(date.fromisoformat(asked["since"]), date.fromisoformat(asked["until"]))
        self._page(file.slice, first, last, parameters)

    def _page(self, rows: Any, first: int, last: int, parameters: dict[str, str]) -> None:
        """One page of the rows first..last-1; a cursor is the number of rows already given."""
        start = first + int(parameters.get("after", "0"))
        stop = min(start + int(parameters.get("limit", _DEFAULT_LIMIT)), last)
        paging: dict[str, Any] = {"cursors": {"before": str(start - first), "after": str(stop - first)}}
        if stop < last:
            query = urlencode({**parameters, "after": stop - first})
            paging["next"] = f"{self.server.url}{urlsplit(self.path).path}?{query}"
        self._answer(200, b'{"data":[' + rows(start, stop) + b'],"paging":' + orjson.dumps(paging) + b"}")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=UTF-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: a log line a request would cost the readers time."""


def main() -> None:
    """Render, tell the URL on standard output, serve until standard input ends or the process is terminated."""
    parser = argparse.ArgumentParser()
    for name in ("accounts", "ads", "days"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--directory", type=Path, required=True)
    options = parser.parse_args()
    server = MetaServer(RowPlan(options.accounts, options.ads, options.days), options.directory)
    sys.stdout.write(server.url + "\n")
    sys.stdout.flush()
    # Standard input is the starter's pipe: it ends with the starter, however that one ends.
    threading.Thread(target=_stop_with_starter, args=(server,), daemon=True).start()
    server.serve_forever()


def _stop_with_starter(server: MetaServer) -> None:
    sys.stdin.read()
    server.shutdown()


if __name__ == "__main__":
    main()
