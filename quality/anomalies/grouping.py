"""From drifts of series to what a person is told: one cause, one finding."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace

from quality.anomalies.detection import strongest
from quality.anomalies.findings import CONVERSION, DELIVERY, Finding, Scope
from quality.anomalies.panel import Key

_RANK = {"spend": 0, "cpc": 1, "impressions": 2, "clicks": 3, "cpa": 0, "conversion_rate": 1}
# A platform is at fault when so many of its accounts, and at least this share, drift the same way at once.
_PLATFORM_ACCOUNTS, _PLATFORM_CLIENTS, _PLATFORM_SHARE = 5, 3, 0.3
_OF_A_CLIENT = {DELIVERY: ("all accounts were stopped",), CONVERSION: ("the shop or site was down", "out of stock")}


def fold(found: Sequence[Finding]) -> list[Finding]:
    """One finding per account, family and direction of money; campaigns in it are named, not told."""
    accounts = [one for one in strongest(found) if one.scope == "account"]
    campaigns = [one for one in strongest(found) if one.scope == "campaign"]
    told = _chief(accounts)
    left = []
    for one in _chief(campaigns):
        above = [a for a in told if a.key == one.key.account and a.family == one.family and a.overlaps(one)]
        if not above:
            left.append(one)
            continue
        told[told.index(above[0])] = above[0].with_also((f"campaign {one.key.campaign_id}",))
    return told + _largest_campaign(left)


def _chief(found: Sequence[Finding]) -> list[Finding]:
    """Of the metrics of a family that drift together the one that people look at first."""
    by_place: dict[tuple[Key, str], list[Finding]] = defaultdict(list)
    for one in found:
        by_place[one.key, one.family].append(one)
    chiefs = []
    for group in by_place.values():
        first, *others = sorted(group, key=lambda one: (not one.gross, _RANK[one.metric], -abs(one.score)))
        chiefs.append(first.with_also(tuple(other.metric for other in others)))
    return chiefs


def _largest_campaign(found: Sequence[Finding]) -> list[Finding]:
    """Several campaigns of one account that drift the same way are one finding, at the one with most at stake."""
    by_account: dict[tuple[Key, str, int], list[Finding]] = defaultdict(list)
    for one in found:
        by_account[one.key.account, one.family, one.direction].append(one)
    told = []
    for group in by_account.values():
        first, *others = sorted(group, key=lambda one: (not one.gross, -one.at_stake))
        told.append(first.with_also(tuple(f"campaign {other.key.campaign_id}" for other in others)))
    return told


def group(found: Sequence[Finding], judged: Collection[Key]) -> list[Finding]:
    """Outages of a platform and of a client's site as one finding each. ``judged``: all accounts of this run."""
    rest, told = list(found), []
    for place in sorted({(one.key.platform, one.family, one.direction) for one in rest}):
        same = [one for one in rest if one.scope == "account" and _place(one) == place]
        accounts = sum(key.platform == place[0] for key in judged)
        enough = len(same) >= max(_PLATFORM_ACCOUNTS, _PLATFORM_SHARE * accounts)
        if enough and len({one.key.client_id for one in same}) >= _PLATFORM_CLIENTS:
            told.append(_together(same, Key("", place[0], ""), "platform", ("an outage or change of the platform",)))
            rest = [one for one in rest if one not in same]
    for client in sorted({one.key.client_id for one in rest}):
        platforms = {key.platform for key in judged if key.client_id == client}
        kinds = {(one.family, one.direction) for one in rest if one.key.client_id == client}
        for family, direction in sorted(kinds):
            same = [one for one in rest if one.scope == "account" and one.key.client_id == client]
            same = [one for one in same if (one.family, one.direction) == (family, direction)]
            if len(platforms) >= 2 and {one.key.platform for one in same} == platforms:
                told.append(_together(same, Key(client, "", ""), "client", _OF_A_CLIENT[family]))
                rest = [one for one in rest if one not in same]
    return told + rest


def _place(one: Finding) -> tuple[str, str, int]:
    return one.key.platform, one.family, one.direction


def _together(same: Sequence[Finding], key: Key, scope: Scope, why: tuple[str, ...]) -> Finding:
    chief = max(same, key=lambda one: one.at_stake)
    return replace(
        chief, key=key, scope=scope, first_day=min(one.first_day for one in same),
        last_day=max(one.last_day for one in same), at_stake=sum(one.at_stake for one in same),
        gross=any(one.gross for one in same), causes=(*why, *chief.causes), observed=chief.observed,
        severity="ticket" if any(one.severity == "ticket" for one in same) else "info",
        also=tuple(f"{one.key.platform} {one.key.account_id} {one.metric}" for one in same),
    )  # fmt: skip
