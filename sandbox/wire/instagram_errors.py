"""Instagram's own error answers, beside those that the whole Graph API shares."""

from collections.abc import Iterable

from sandbox.wire.meta_errors import MetaError, invalid_parameter


def throttled() -> MetaError:
    return MetaError(400, 80002, "(#80002) There have been too many calls to this Instagram account. Try again later.")


def not_permitted() -> MetaError:
    return MetaError(403, 10, "(#10) Application does not have permission for this action")


def too_few_viewers() -> MetaError:
    return MetaError(400, 10, "(#10) Not enough viewers for the media to show insights")


def posted_before_conversion() -> MetaError:
    return MetaError(
        400, 100, "Invalid parameter", subcode=2108006, is_transient=False,
        error_user_title="Posted before the account became a business account",
        error_user_msg="Insights begin with the account's conversion; this media object is older.",
    )  # fmt: skip


def unknown_metric(place: int, allowed: Iterable[str]) -> MetaError:
    return invalid_parameter(f"metric[{place}] must be one of the following values: {', '.join(sorted(allowed))}")


def needs_total_value(metrics: Iterable[str]) -> MetaError:
    return invalid_parameter(f"Metrics {', '.join(metrics)} should be specified with parameter metric_type=total_value")


def metric_unsuitable(metric: str, kind: str) -> MetaError:
    return invalid_parameter(f"The metric {metric} does not apply to media of the kind {kind}")


def breakdown_unsuitable(metric: str, breakdown: str) -> MetaError:
    return invalid_parameter(f"The metric {metric} has no breakdown {breakdown}")


def span_too_long() -> MetaError:
    return invalid_parameter("There cannot be more than 30 days (2592000 s) between since and until")


def too_old() -> MetaError:
    return invalid_parameter("The parameter since must not lie more than 90 days back")
