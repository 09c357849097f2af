"""What stakeholders are told: incidents about held units and the morning digest of each client."""

import time

import dagster as dg

from alerting.deadlines import collect_deadlines
from alerting.delivery import deliver
from alerting.digest import queue_digests
from alerting.incidents import collect_held_units
from alerting.overrides import collect_overrides
from alerting.settled_months import collect_settled_months
from alerting.slack import slack_client
from foundation.clock import SystemClock
from orchestration.assets.publication import REPORT_SPECS
from orchestration.assets.settled_months import MONTH_CERTIFICATES
from orchestration.resources import PlatformResource

MESSAGES = dg.AssetKey(["slack", "messages"])


def tell(platform: PlatformResource) -> dict[str, int]:
    """Queue what happened since the last time and deliver what is queued. Returns counts for metadata."""
    now = platform.clock.now()
    with platform.connection() as connection:
        collect_held_units(connection, now=now)
        collect_deadlines(connection, now=now)
        collect_overrides(connection, now=now)
        collect_settled_months(connection, now=now)
        queue_digests(connection, now=now)
        client = slack_client(platform.settings)
        if client is None:
            return {"messages sent": 0}
        # Delivery waits and retries in real seconds, whatever day the sandbox world has.
        summary = deliver(
            connection,
            client,
            ops_channel=platform.settings.slack_ops_channel,
            clock=SystemClock(),
            sleeper=time.sleep,
        )
    return {"messages sent": summary.sent, "messages failed": summary.failed}


@dg.asset(
    key=MESSAGES,
    deps=[*(spec.key for spec in REPORT_SPECS), MONTH_CERTIFICATES],
    group_name="alerting",
    kinds={"slack"},
    description="Held units, failed runs and each client's morning digest, in the channels of the client files.",
)
def slack_messages(platform: PlatformResource) -> dg.MaterializeResult[None]:
    return dg.MaterializeResult(metadata=tell(platform))
