"""The page that shows the stored messages as Slack would."""

from sandbox.slack_store import Channel


def render_page(channels: list[Channel], chosen: str | None) -> str:
    """One HTML page without outside assets."""
    return "<!doctype html><title>Slack</title>" + "".join(f"<p>{channel.name}</p>" for channel in channels)
