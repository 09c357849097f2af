"""The rival: a same-weekday z-score over eight weeks, as dashboards ship it. Same panel, same as-of figures."""

import numpy as np

from quality.anomalies.panel import Key, Panel

LIMIT = 3.0


def plain_scores(panel: Panel) -> dict[str, dict[Key, float]]:
    """metric -> account or campaign -> z of the newest day against the same weekday of the eight weeks before."""
    accounts = sorted({key.account for key in panel.keys})
    place = {key: number for number, key in enumerate(accounts)}
    owner = np.array([place[key.account] for key in panel.keys])
    rows = {}
    for name, values in panel.figures.items():
        whole = np.zeros((len(accounts), values.shape[1]))
        np.add.at(whole, owner, values)
        rows[name] = np.vstack([whole, values])
    with np.errstate(divide="ignore", invalid="ignore"):
        rows["cpc"] = rows["spend"] / rows["clicks"]
        rows["cpa"] = rows["spend"] / rows["conversions"]
        rows["conversion_rate"] = rows["conversions"] / rows["clicks"]
    del rows["conversions"]
    keys = [*accounts, *panel.keys]
    scores: dict[str, dict[Key, float]] = {}
    for name, values in rows.items():
        values = np.where(np.isfinite(values), values, np.nan)
        past = values[:, -8:-64:-7]
        good = (~np.isnan(past)).sum(axis=1) >= 4
        with np.errstate(all="ignore"):
            z = np.full(len(keys), np.nan)
            z[good] = (values[good, -1] - np.nanmean(past[good], axis=1)) / np.nanstd(past[good], axis=1, ddof=1)
        scores[name] = {keys[row]: float(z[row]) for row in np.flatnonzero(np.isfinite(z))}
    return scores
