"""Meta's error answers."""

from typing import Any

DOCS = "https://developers.facebook.com/docs/graph-api/overview/rate-limiting"


class MetaError(Exception):
    """An answer in the Graph API's error envelope."""

    def __init__(self, http_status: int, code: int, message: str, *, subcode: int | None = None, **more: Any) -> None:
        super().__init__(message)
        self.http_status, self.code = http_status, code
        error: dict[str, Any] = {"message": message, "type": "OAuthException", "code": code}
        if subcode is not None:
            error["error_subcode"] = subcode
        self.body = {"error": {**error, **more, "fbtrace_id": "AsandboxTraceId"}}


def no_token() -> MetaError:
    return MetaError(400, 104, "An access token is required to request this resource.")


def unknown_token() -> MetaError:
    return MetaError(400, 190, "Invalid OAuth access token - Cannot parse access token")


def revoked_token() -> MetaError:
    return MetaError(
        400, 190,
        "Error validating access token: The session has been invalidated because the user changed their password or "
        "Facebook has changed the session for security reasons.",
        subcode=460,
    )  # fmt: skip


def not_permitted(account_id: str) -> MetaError:
    return MetaError(
        403, 200, f"(#200) Ad account owner has NOT granted ads_management or ads_read permission: {account_id}"
    )


def unknown_object(object_id: str) -> MetaError:
    return MetaError(
        400, 100,
        f"Unsupported get request. Object with ID '{object_id}' does not exist, cannot be loaded due to missing "
        "permissions, or does not support this operation.",
        subcode=33, type="GraphMethodException",
    )  # fmt: skip


def unknown_field(name: str, node: str) -> MetaError:
    return MetaError(400, 100, f"(#100) Tried accessing nonexisting field ({name}) on node type ({node})")


def unknown_insights_fields(names: list[str]) -> MetaError:
    return MetaError(400, 100, f"(#100) {', '.join(names)} are not valid for fields param.")


def invalid_parameter(message: str) -> MetaError:
    return MetaError(400, 100, f"(#100) {message}")


def invalid_cursor() -> MetaError:
    return MetaError(400, 2642, "Invalid cursors values")


def too_old() -> MetaError:
    return MetaError(
        400, 3018, "(#3018) The start date of the time range cannot be beyond 37 months from the current date"
    )


def unreadable_spec() -> MetaError:
    return MetaError(
        400, 100, "Invalid parameter", subcode=2446211, error_user_title="Creative cannot be read",
        error_user_msg="The story of one of these creatives is not available any more.",
    )  # fmt: skip


def deprecated_version(version: str) -> MetaError:
    return MetaError(
        400,
        2635,
        f"(#2635) You are calling a deprecated version of the Ads API. Please update to a newer one: {version}",
    )


def unknown_version(version: str) -> MetaError:
    return MetaError(400, 2500, f"Unknown path components: /{version}")


def too_much_data() -> MetaError:
    return MetaError(
        400, 100, "Invalid parameter", subcode=1487534, error_user_title="Too much data",
        error_user_msg="There is too much data in this question; ask for fewer days.",
    )  # fmt: skip


def reduce_data() -> MetaError:
    return MetaError(500, 1, "Please reduce the amount of data you're asking for, then retry your request")


def unknown_failure() -> MetaError:
    return MetaError(500, 1, "An unknown error occurred", subcode=99)


def temporarily_unavailable() -> MetaError:
    return MetaError(400, 2, "(#2) Service temporarily unavailable", is_transient=True)


def throttled() -> MetaError:
    return MetaError(
        400, 80000,
        f"(#80000) There have been too many calls from this ad-account. Wait a bit and try again. See {DOCS}.",
        subcode=2446079,
    )  # fmt: skip


def report_not_ready() -> MetaError:
    return MetaError(
        400, 2637, "Report is not ready yet, try again in a few seconds", subcode=1815107, is_transient=True
    )


def of_status(status: int) -> MetaError:
    """A failure with the HTTP status that a fault asks for."""
    if status == 400:
        return temporarily_unavailable()
    return (
        MetaError(403, 10, "(#10) Application does not have permission for this action")
        if status == 403
        else unknown_failure()
    )
