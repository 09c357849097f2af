"""The page that shows the stored messages as Slack would: channels at the side, blocks, threads under their parents."""

import html
from datetime import UTC, datetime
from typing import Any

from sandbox.slack_store import Channel, Message
from sandbox.wire.mrkdwn import mrkdwn, plain

_STYLE = """
*{box-sizing:border-box}
body{margin:0;display:flex;height:100vh;color:#1d1c1d;background:#fff;
  font:15px/1.46 Lato,"Helvetica Neue",Helvetica,"Segoe UI",Arial,sans-serif}
nav{width:260px;flex:none;background:#f4ede4;border-right:1px solid #e0d8cd;padding:14px 8px;overflow:auto}
nav h1{font-size:17px;margin:2px 10px 14px}
nav a{display:flex;justify-content:space-between;padding:4px 10px;border-radius:6px;color:#4a3f4b;text-decoration:none}
nav a:hover{background:#e9dfd2}nav a.here{background:#7d3986;color:#fff}
nav small{opacity:.75}
main{flex:1;display:flex;flex-direction:column;min-width:0}
header.top{padding:12px 20px;border-bottom:1px solid #ddd;font-weight:900;font-size:18px}
header.top small{font-weight:400;color:#616061;font-size:13px;margin-left:8px}
.stream{overflow:auto;padding:12px 20px 32px}
.day{text-align:center;margin:14px 0;border-top:1px solid #e5e5e5}
.day span{position:relative;top:-12px;background:#fff;border:1px solid #ddd;border-radius:14px;padding:2px 14px;
  font-size:13px;font-weight:700}
.message{display:flex;gap:10px;padding:7px 0;max-width:860px}
.avatar{width:36px;height:36px;border-radius:6px;flex:none;background:#2e7d6b;color:#fff;font-weight:900;
  display:flex;align-items:center;justify-content:center}
.body{min-width:0;flex:1}
.who{font-weight:900}.who .app{font-size:10px;font-weight:700;background:#e8e8e8;color:#616061;border-radius:3px;
  padding:1px 4px;margin:0 5px;vertical-align:2px}.who time{font-weight:400;font-size:12px;color:#616061}
.block{margin:4px 0;overflow-wrap:anywhere}.block.header{font-size:18px;font-weight:900;margin-top:6px}
.fields{display:grid;grid-template-columns:1fr 1fr;gap:6px 16px}
.context{color:#616061;font-size:13px}.context span+span::before{content:"";margin-right:10px}
hr{border:0;border-top:1px solid #ddd;margin:10px 0}
.actions{display:flex;gap:8px;flex-wrap:wrap}
.button{display:inline-block;border:1px solid #bbb;border-radius:4px;padding:5px 12px;font-weight:700;font-size:14px;
  color:#1d1c1d;text-decoration:none;background:#fff}
.button.primary{background:#007a5a;border-color:#007a5a;color:#fff}.button.danger{background:#e01e5a;border-color:#e01e5a;color:#fff}
code{background:#f6f6f6;border:1px solid #ddd;border-radius:3px;color:#c01343;font-size:12.5px;padding:1px 4px}
pre{background:#f8f8f8;border:1px solid #ddd;border-radius:4px;padding:8px;font-size:12.5px;overflow:auto;margin:4px 0}
a{color:#1264a3}.mention{background:#e8f5fa;color:#1264a3;border-radius:3px;padding:0 2px}
.broadcast{background:#fff3cd;color:#8a5a00}
.quote{border-left:4px solid #ddd;padding-left:10px}
.thread{border-left:2px solid #e5e5e5;margin:4px 0 0 2px;padding-left:12px}
.edited,.empty{color:#616061;font-size:12px}
"""


def render_page(channels: list[Channel], chosen: str | None) -> str:
    """One HTML page without outside assets; ``chosen`` is a channel id or name, by default the last busy channel."""
    here = _choose(channels, chosen)
    links = "".join(_link(channel, channel is here) for channel in channels)
    content = _stream(here) if here.messages else '<p class="empty">No messages yet.</p>'
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>#{html.escape(here.name)} | Agency</title><style>{_STYLE}</style></head><body>"
        f"<nav><h1>Agency</h1>{links}</nav><main>"
        f'<header class="top"># {html.escape(here.name)}<small>{html.escape(here.channel_id)}</small></header>'
        f'<div class="stream">{content}</div></main></body></html>'
    )


def _choose(channels: list[Channel], chosen: str | None) -> Channel:
    for channel in channels:
        if chosen in (channel.channel_id, channel.name):
            return channel
    return max(channels, key=lambda channel: max(channel.messages, default=""))


def _link(channel: Channel, here: bool) -> str:
    mark = ' class="here"' if here else ""
    address = html.escape(f"?channel={channel.channel_id}", quote=True)
    name, count = html.escape(channel.name), len(channel.messages)
    return f'<a{mark} href="{address}"><span># {name}</span><small>{count}</small></a>'


def _moment(message: Message) -> datetime:
    return datetime.fromtimestamp(float(message["ts"]), UTC)


def _stream(channel: Channel) -> str:
    parts: list[str] = []
    day = ""
    replies: dict[str, list[Message]] = {}
    for message in channel.messages.values():
        if message.get("thread_ts"):
            replies.setdefault(str(message["thread_ts"]), []).append(message)
    for ts, message in channel.messages.items():
        if message.get("thread_ts"):
            continue
        today = f"{_moment(message):%A, %d %B %Y}"
        if today != day:
            day = today
            parts.append(f'<div class="day"><span>{day}</span></div>')
        thread = "".join(_message(reply) for reply in replies.get(ts, []))
        parts.append(_message(message, f'<div class="thread">{thread}</div>' if thread else ""))
    return "".join(parts)


def _message(message: Message, thread: str = "") -> str:
    name = html.escape(str(message.get("username", "bot")))
    blocks = message.get("blocks")
    shown = (
        "".join(_block(block) for block in blocks)
        if blocks
        else f'<div class="block">{mrkdwn(str(message["text"]))}</div>'
    )
    edited = '<span class="edited"> (edited)</span>' if "edited" in message else ""
    moment = f"{_moment(message):%H:%M:%S} UTC"
    return (
        f'<article class="message" id="m{html.escape(str(message["ts"]))}"><div class="avatar">{name[:1].upper()}</div>'
        f'<div class="body"><div class="who">{name}<span class="app">APP</span><time>{moment}</time></div>'
        f"{shown}{edited}{thread}</div></article>"
    )


def _text(text: dict[str, Any] | None) -> str:
    if not text:
        return ""
    content = str(text.get("text", ""))
    return plain(content) if text.get("type") == "plain_text" else mrkdwn(content)


def _block(block: dict[str, Any]) -> str:
    match block.get("type"):
        case "header":
            return f'<div class="block header">{_text(block.get("text"))}</div>'
        case "divider":
            return "<hr>"
        case "section":
            text = f"<div>{_text(block.get('text'))}</div>" if block.get("text") else ""
            fields = "".join(f"<div>{_text(field)}</div>" for field in block.get("fields") or [])
            extra = _element(block["accessory"]) if block.get("accessory") else ""
            return f'<div class="block">{text}{f"<div class=fields>{fields}</div>" if fields else ""}{extra}</div>'
        case "context":
            spans = "".join(f"<span>{_element(element)}</span>" for element in block["elements"])
            return f'<div class="block context">{spans}</div>'
        case "actions":
            return f'<div class="block actions">{"".join(_element(element) for element in block["elements"])}</div>'
        case kind:
            return f'<div class="block context">[{html.escape(str(kind))}]</div>'


def _element(element: dict[str, Any]) -> str:
    match element.get("type"):
        case "mrkdwn" | "plain_text":
            return _text(element)
        case "button":
            style = html.escape(str(element.get("style", "")), quote=True)
            address = html.escape(str(element.get("url", "#")), quote=True)
            return f'<a class="button {style}" href="{address}">{_text(element.get("text"))}</a>'
        case kind:
            return f"[{html.escape(str(element.get('alt_text') or kind))}]"
