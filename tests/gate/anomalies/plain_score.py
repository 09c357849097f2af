"""The rival: a z-score over the fourteen days before, as many tools ship it. Same panel, same as-of figures."""

from collections.abc import Mapping

import numpy as np

from quality.anomalies.panel import Floats, Key, Panel

LIMIT = 3.0
_DAYS = 14


def accounts_of(panel: Panel) -> list[Key]:
    """The accounts in the order of the scores."""
    return sorted({key.account for key in panel.keys})


def plain_scores(panel: Panel) -> Mapping[str, Floats]:
    """metric -> (accounts, 2): the largest z of the newest day upwards and downwards, of the account or a campaign."""
    accounts = accounts_of(panel)
    place = {key: number for number, key in enumerate(accounts)}
    owner = np.array([place[key.account] for key in panel.keys])
    rows = {}
    for name, values in panel.figures.items():
        recent = values[:, -_DAYS - 1 :]
        whole = np.zeros((len(accounts), recent.shape[1]))
        np.add.at(whole, owner, recent)
        rows[name] = np.vstack([whole, recent])
    with np.errstate(divide="ignore", invalid="ignore"):
        rows["cpc"] = rows["spend"] / rows["clicks"]
        rows["cpa"] = rows["spend"] / rows["conversions"]
        rows["conversion_rate"] = rows["conversions"] / rows["clicks"]
    del rows["conversions"]
    owners = np.concatenate([np.arange(len(accounts)), owner])
    scores = {}
    for name, values in rows.items():
        known = np.isfinite(values[:, :-1])
        days = np.maximum(known.sum(axis=1), 1)
        past = np.where(known, values[:, :-1], 0.0)
        mean = past.sum(axis=1) / days
        variance = (np.where(known, past - mean[:, None], 0.0) ** 2).sum(axis=1) / np.maximum(days - 1, 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            z = (values[:, -1] - mean) / np.sqrt(variance)
        z = np.where(np.isfinite(z) & (known.sum(axis=1) >= _DAYS // 2), z, 0.0)
        both = np.zeros((len(accounts), 2))
        np.maximum.at(both, owners, np.column_stack([z, -z]))
        scores[name] = both
    return scores
