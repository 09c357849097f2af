"""TikTok's error answers: a code in the envelope of an HTTP 200."""

from typing import Any

_BASIC_LIMIT = 10


class TikTokError(Exception):
    """An answer in the envelope of the API for Business; ``data`` is empty."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


class GatewayError(Exception):
    """An answer of what stands before the API: no envelope, no JSON."""

    def __init__(self, http_status: int, text: str) -> None:
        super().__init__(text)
        self.http_status, self.text = http_status, text


def no_token() -> TikTokError:
    return TikTokError(40104, "Access token is null, you should set it in http header with key Access-Token.")


def refused_token() -> TikTokError:
    return TikTokError(40105, "Access token is incorrect or has been revoked.")


def bad_app() -> TikTokError:
    return TikTokError(40101, "app_id or secret is incorrect.")


def bad_auth_code() -> TikTokError:
    return TikTokError(40110, "auth_code is invalid, expired or used.")


def wrong_version(version: str) -> TikTokError:
    return TikTokError(40006, f"API version {version} is not supported.")


def not_permitted(advertiser_id: str) -> TikTokError:
    return TikTokError(40001, f"No permission to operate advertiser {advertiser_id}.")


def unknown_advertiser(advertiser_id: str) -> TikTokError:
    return TikTokError(40300, f"Advertiser {advertiser_id} does not exist.")


def invalid(message: str) -> TikTokError:
    return TikTokError(40002, message)


def invalid_metrics(names: list[str]) -> TikTokError:
    return TikTokError(
        40002,
        f"Please correct the information in invalid metric fields and try again. Invalid metric fields: {names}.",
    )


def too_many_ids(name: str, limit: int) -> TikTokError:
    return TikTokError(40011, f"{name}: at most {limit} ids in one call.")


def page_not_found() -> GatewayError:
    return GatewayError(404, "404 page not found")


def throttled(advertiser_id: str, number: int) -> TikTokError:
    """In turn the limit of the advertiser and the one of the app; both are over with the second."""
    if number % 2:
        return TikTokError(
            40133,
            f"Advertiser ({advertiser_id})'s QPS ({_BASIC_LIMIT + number}) reaches QPS limit {_BASIC_LIMIT} for "
            "current path, request is temporarily restricted.",
        )
    return TikTokError(40100, f"Requests made too frequently: the app reaches its QPS limit {_BASIC_LIMIT}.")


def of_status(http_status: int, advertiser_id: str, number: int) -> TikTokError | GatewayError:
    """The answer that stands for an HTTP status here, where nearly every error is an HTTP 200."""
    if http_status in (502, 503, 504):
        return GatewayError(http_status, f"<html><body><h1>{http_status}</h1>The gateway got no answer.</body></html>")
    by_status: dict[int, TikTokError] = {
        400: invalid("The request is invalid."),
        401: refused_token(),
        403: not_permitted(advertiser_id),
        404: unknown_advertiser(advertiser_id),
        429: throttled(advertiser_id, number),
    }
    in_turn = ((50000, "System error."), (51002, "Service error."), (51010, "Internal service timed out."))
    return by_status.get(http_status) or TikTokError(*in_turn[(number - 1) % len(in_turn)])


def envelope(data: Any, request_id: str, code: int = 0, message: str = "OK") -> dict[str, Any]:
    """What every answer looks like."""
    return {"code": code, "message": message, "request_id": request_id, "data": data}
