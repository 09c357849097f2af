"""Python imports this at start when its folder is on PYTHONPATH: the platforms' hosts lead to the sandbox.

REROUTES is a JSON object {"https://graph.facebook.com": "http://127.0.0.1:1/meta"}. Any other host is refused, so that
a passed run proves that nothing was read elsewhere. LONGEST_SLEEP caps pauses: the sandbox needs no minutes of rest.
"""

import json
import os
import time

_REROUTES = json.loads(os.environ.get("REROUTES", "{}"))


def _rerouted(url):
    for origin, target in _REROUTES.items():
        if url.startswith(origin + "/") or url == origin or url.startswith(target):
            return url.replace(origin, target, 1) if url.startswith(origin) else url
    raise ConnectionRefusedError(f"{url.split('?')[0]} is not re-routed to the sandbox")


def _reroute_requests():
    from requests.adapters import HTTPAdapter

    send = HTTPAdapter.send

    def send_rerouted(self, request, **options):
        request.url = _rerouted(request.url)
        request.headers.pop("Host", None)
        return send(self, request, **options)

    HTTPAdapter.send = send_rerouted


def _shorten_sleep(longest):
    sleep = time.sleep
    time.sleep = lambda seconds: sleep(min(seconds, longest))


if _REROUTES:
    _reroute_requests()
if "LONGEST_SLEEP" in os.environ:
    _shorten_sleep(float(os.environ["LONGEST_SLEEP"]))
