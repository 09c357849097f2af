"""Breakdowns of insights: which ones may be asked for together, and the rows that they split a row into."""

from collections.abc import Iterator
from datetime import date, datetime

from sandbox.world.breakdowns import Dimension, split
from sandbox.world.model import Account, FigureRow

HOURLY = "hourly_stats_aggregated_by_advertiser_time_zone"
AUDIENCE_HOURLY = "hourly_stats_aggregated_by_audience_time_zone"
_COMBINATIONS = (
    ("age", "gender"), ("age",), ("gender",), ("country",), ("region",), ("comscore_market",), ("dma",),
    ("publisher_platform",), ("publisher_platform", "platform_position"),
    ("publisher_platform", "platform_position", "impression_device"), ("publisher_platform", "device_platform"),
    ("device_platform",), ("product_id",), (HOURLY,), (AUDIENCE_HOURLY,),
)  # fmt: skip
_ALLOWED = frozenset(frozenset(names) for names in _COMBINATIONS)
# What happens off Meta is not told by these.
_WITHOUT_OFF_META = frozenset({"region", "dma", "comscore_market", HOURLY, AUDIENCE_HOURLY})
# Somebody has to opt in first; until then an answer at once holds no rows.
_OPT_IN = frozenset({"impression_device", AUDIENCE_HOURLY, "frequency_value"})
_OPT_IN_SINCE = date(2026, 8, 3)
_IMPRESSION_DEVICES = {"mobile_app": "android_smartphone", "mobile_web": "iphone", "desktop": "desktop"}

Values = tuple[tuple[str, str], ...]


def allowed(names: tuple[str, ...]) -> bool:
    """Whether these breakdowns may stand together."""
    return not names or frozenset(names) in _ALLOWED


def tells_off_meta(names: tuple[str, ...]) -> bool:
    """Whether conversions on the advertiser's own site come with these breakdowns."""
    return _WITHOUT_OFF_META.isdisjoint(names)


def needs_opt_in(names: tuple[str, ...], today: date) -> bool:
    """Whether an answer at once stays empty by now."""
    return today >= _OPT_IN_SINCE and not _OPT_IN.isdisjoint(names)


def broken_down(
    account: Account, row: FigureRow, names: tuple[str, ...], as_of: datetime
) -> Iterator[tuple[Values, FigureRow]]:
    """The parts of a row with their values; a recording and a world without products have none."""
    if account.recorded or "product_id" in names:
        return
    chosen = frozenset(names)
    if not chosen.isdisjoint({"dma", "comscore_market"}):
        yield ((names[0], "unknown"),), row
    elif chosen <= {"age", "gender"}:
        yield from _parts_of_pair(account, row, "age_gender", ("age", "gender"), names, as_of)
    elif chosen <= {"publisher_platform", "platform_position"}:
        yield from _parts_of_pair(account, row, "placement", ("publisher_platform", "platform_position"), names, as_of)
    elif "publisher_platform" in chosen:
        pair = tuple(name for name in names if name in ("publisher_platform", "platform_position"))
        for values, part in broken_down(account, row, pair, as_of):
            for device, piece in split(account, part, "device", as_of):
                yield (*values, *_device(names, device)), piece
    elif "device_platform" in chosen:
        for device, part in split(account, row, "device", as_of):
            yield _device(names, device), part
    elif chosen <= {HOURLY, AUDIENCE_HOURLY}:
        for hour, part in split(account, row, "hour", as_of):
            yield ((names[0], f"{hour}:00:00 - {hour}:59:59"),), part
    else:
        dimension: Dimension = "region" if "region" in chosen else "country"
        for value, part in split(account, row, dimension, as_of):
            yield ((dimension, value),), part


def _device(names: tuple[str, ...], device: str) -> Values:
    if "impression_device" in names:
        return (("impression_device", _IMPRESSION_DEVICES[device]),)
    return (("device_platform", device),)


def _parts_of_pair(
    account: Account, row: FigureRow, dimension: Dimension, both: tuple[str, str], names: tuple[str, ...],
    as_of: datetime,
) -> Iterator[tuple[Values, FigureRow]]:  # fmt: skip
    """Parts by a pair of values such as 25-34 and female; put together again where only one of them is asked for."""
    together: dict[Values, FigureRow] = {}
    for value, part in split(account, row, dimension, as_of):
        values = tuple(pair for pair in zip(both, value.split("|"), strict=True) if pair[0] in names)
        if values in together:
            add(together[values], part)
        else:
            together[values] = part
    yield from together.items()


def add(total: FigureRow, row: FigureRow) -> None:
    """Add a row's figures to another one's. People met twice count once: reach grows by less than the sum."""
    impressions = total.impressions + row.impressions
    reach = max(total.reach, row.reach, (total.reach + row.reach) * 4 // 5)
    for name in FigureRow.__dataclass_fields__:
        mine, theirs = getattr(total, name), getattr(row, name)
        if isinstance(theirs, int):
            setattr(total, name, (mine or 0) + theirs)
        elif isinstance(theirs, dict):
            for action, amount in theirs.items():
                mine[action] = mine.get(action, 0) + amount
    total.reach = min(reach, impressions)
