"""Google Ads' error answers: a google.rpc.Status with a GoogleAdsFailure inside."""

from typing import Any

_STATUS_NAMES = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND",
                 429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 503: "UNAVAILABLE"}  # fmt: skip


class GoogleError(Exception):
    """One failure; ``family`` and ``code`` are the two parts of errorCode."""

    def __init__(self, http_status: int, family: str, code: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.http_status, self.family, self.code, self.message, self.details = (
            http_status,
            family,
            code,
            message,
            details,
        )

    def body(self, version: str) -> dict[str, Any]:
        failure: dict[str, Any] = {"errorCode": {self.family: self.code}, "message": self.message}
        if self.details:
            failure["details"] = self.details
        return {
            "error": {
                "code": self.http_status,
                "message": "Request contains an invalid argument." if self.http_status == 400 else self.message,
                "status": _STATUS_NAMES.get(self.http_status, "UNKNOWN"),
                "details": [
                    {
                        "@type": f"type.googleapis.com/google.ads.googleads.{version}.errors.GoogleAdsFailure",
                        "errors": [failure],
                        "requestId": "sandboxRequestId00000",
                    }
                ],
            }
        }


def query_error(code: str, message: str) -> GoogleError:
    return GoogleError(400, "queryError", code, message)


def unsupported_version(version: str) -> GoogleError:
    return GoogleError(400, "requestError", "UNSUPPORTED_VERSION", f"Version {version} is deprecated or unknown.")


def token_invalid(expired: bool = False) -> GoogleError:
    code = "OAUTH_TOKEN_EXPIRED" if expired else "OAUTH_TOKEN_INVALID"
    return GoogleError(401, "authenticationError", code, "Request had invalid authentication credentials.")


def permission_denied() -> GoogleError:
    return GoogleError(
        403, "authorizationError", "USER_PERMISSION_DENIED",
        "User doesn't have permission to access customer. Note: If you're accessing a client customer, the manager's "
        "customer id must be set in the 'login-customer-id' header.",
    )  # fmt: skip


def not_enabled() -> GoogleError:
    return GoogleError(
        403, "authorizationError", "CUSTOMER_NOT_ENABLED",
        "The customer account can't be accessed because it is not yet enabled or has been deactivated.",
    )  # fmt: skip


# From so many seconds on a throttle is the day's quota and no burst.
_DAILY_QUOTA_SECONDS = 60.0


def exhausted(seconds: float | None = None) -> GoogleError:
    """Too many requests at once (the default), or the operations of a day used up."""
    wait = 5.0 if seconds is None else seconds
    daily = wait >= _DAILY_QUOTA_SECONDS
    return GoogleError(
        429, "quotaError", "RESOURCE_EXHAUSTED" if daily else "RESOURCE_TEMPORARILY_EXHAUSTED",
        f"Too many requests. Retry in {wait:.0f} seconds.",
        quotaErrorDetails={
            "rateScope": "DEVELOPER",
            "rateName": "Number of operations for basic access" if daily else "Requests per service per method",
            "retryDelay": f"{wait:.0f}s",
        },
    )  # fmt: skip


def of_status(status: int) -> GoogleError:
    """A failure with the HTTP status that a fault asks for."""
    if status == 403:
        return permission_denied()
    if status == 400:
        return GoogleError(400, "requestError", "INVALID_INPUT", "Invalid input.")
    return GoogleError(status, "internalError", "INTERNAL_ERROR", "Internal error encountered.")
