"""LinkedIn's error answers: a legacy form with serviceErrorCode, and a newer one with code and errorDetails."""

from typing import Any


class LinkedInError(Exception):
    """One error answer."""

    def __init__(self, status: int, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status, self.body = status, {"message": message, **more, "status": status}


def no_token() -> LinkedInError:
    return LinkedInError(401, "Empty oauth2 access token", serviceErrorCode=65604, code="EMPTY_ACCESS_TOKEN")


def unknown_token() -> LinkedInError:
    return LinkedInError(401, "Invalid access token", serviceErrorCode=65600, code="INVALID_ACCESS_TOKEN")


def revoked_token() -> LinkedInError:
    return LinkedInError(
        401, "The token used in the request has been revoked by the user", serviceErrorCode=65601,
        code="REVOKED_ACCESS_TOKEN",
    )  # fmt: skip


def expired_token() -> LinkedInError:
    return LinkedInError(401, "Expired access token", serviceErrorCode=65602, code="EXPIRED_ACCESS_TOKEN")


def version_missing() -> LinkedInError:
    return LinkedInError(
        400, "A version must be present. Please specify a version by adding the LinkedIn-Version header.",
        code="VERSION_MISSING",
    )  # fmt: skip


def version_invalid(version: str) -> LinkedInError:
    return LinkedInError(400, f"Invalid version format {version}; expected YYYYMM", code="INVALID_VERSION")


def version_gone(version: str) -> LinkedInError:
    return LinkedInError(426, f"Requested version {version} is not active", code="NONEXISTENT_VERSION")


def invalid_parameter(message: str) -> LinkedInError:
    return LinkedInError(400, message, code="ILLEGAL_ARGUMENT")


def unknown_parameter(name: str) -> LinkedInError:
    detail = {"code": "QUERY_PARAM_NOT_ALLOWED", "input": {"inputPath": {"fieldPath": name}}}
    return LinkedInError(
        400, f"Unpermitted query parameter: {name}", code="QUERY_PARAM_NOT_ALLOWED", errorDetailType="BadRequest",
        errorDetails={"inputErrors": [detail], "conditionalInputErrors": []},
    )  # fmt: skip


def missing_parameter(name: str) -> LinkedInError:
    return LinkedInError(400, f"Parameter '{name}' is required.")


def no_permission(path: str) -> LinkedInError:
    return LinkedInError(
        403, f"Not enough permissions to access: GET /{path}", serviceErrorCode=100, code="ACCESS_DENIED"
    )


def no_permission_on_account(account_id: str) -> LinkedInError:
    name = f"urn:li:sponsoredAccount:{account_id}"
    detail = {"code": "NO_PERMISSION_ON_ENTITY", "description": name}
    return LinkedInError(
        403, f"The member has no permission on {name}", code="NO_PERMISSION_ON_ENTITY", errorDetailType="Permission",
        errorDetails={"inputErrors": [detail], "conditionalInputErrors": []},
    )  # fmt: skip


def not_found(what: str) -> LinkedInError:
    return LinkedInError(404, f"Could not find entity {what}", code="NOT_FOUND")


def no_such_resource(path: str) -> LinkedInError:
    return LinkedInError(404, f"No virtual resource found for /{path}", serviceErrorCode=0, code="RESOURCE_NOT_FOUND")


def method_not_allowed(method: str) -> LinkedInError:
    return LinkedInError(405, f"Method {method} is not served here", code="METHOD_NOT_ALLOWED")


def length_required() -> LinkedInError:
    return LinkedInError(411, "Content-Length is required")


def address_too_long() -> LinkedInError:
    return LinkedInError(414, "Request URI is too long")


def day_limit() -> LinkedInError:
    return LinkedInError(
        429, "Resource level throttle limit for calls to this resource is reached.", serviceErrorCode=101,
        code="TOO_MANY_REQUESTS",
    )  # fmt: skip


def data_limit() -> LinkedInError:
    return LinkedInError(
        429, "The data request limit has been exceeded. More than 45 million metric values were requested in a "
        "5-minute window.", code="TOO_MANY_REQUESTS",
    )  # fmt: skip


def of_status(status: int) -> LinkedInError:
    """A failure with the HTTP status that a fault asks for."""
    match status:
        case 401:
            return expired_token()
        case 403:
            return no_permission("adAnalytics")
        case 426:
            return version_gone("202001")
        case 429:
            return day_limit()
        case 503:
            return LinkedInError(503, "The service is under maintenance", code="UNDER_MAINTENANCE")
        case _:
            return LinkedInError(status, "Internal Server Error", serviceErrorCode=0, code="INTERNAL_ERROR")
