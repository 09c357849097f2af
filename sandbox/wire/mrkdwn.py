"""Slack's message markup as HTML: *bold*, _italic_, ~strike~, `code`, <links|with labels>, :emoji:, escapes."""

import html
import re

_EMOJI = {
    "white_check_mark": "✅", "warning": "⚠️", "rotating_light": "🚨", "x": "❌", "chart_with_upwards_trend": "📈",
    "chart_with_downwards_trend": "📉", "hourglass": "⌛", "hourglass_flowing_sand": "⏳", "lock": "🔒", "key": "🔑",
    "information_source": "ℹ️", "bell": "🔔", "bar_chart": "📊", "tada": "🎉", "red_circle": "🔴",
    "large_green_circle": "🟢",
    "large_yellow_circle": "🟡", "large_orange_circle": "🟠", "no_entry": "⛔", "arrow_up": "⬆️", "arrow_down": "⬇️",
    "sunrise": "🌅", "moneybag": "💰", "mag": "🔍", "wrench": "🔧", "floppy_disk": "💾", "calendar": "📅",
    "pause_button": "⏸️", "octagonal_sign": "🛑", "heavy_check_mark": "✔️", "construction": "🚧", "robot_face": "🤖",
}  # fmt: skip
_CODE = re.compile(r"```(.+?)```|`([^`\n]+)`", re.DOTALL)
_ANGLE = re.compile(r"<([^<>|\n]+)(?:\|([^<>\n]*))?>")
_STYLES = (("*", "b"), ("_", "i"), ("~", "s"))


def unescape(text: str) -> str:
    """Slack's three escapes back to the characters."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def plain(text: str) -> str:
    """plain_text as HTML: no markup, emoji names replaced."""
    return _emoji(html.escape(unescape(text))).replace("\n", "<br>")


def mrkdwn(text: str) -> str:
    """mrkdwn as HTML. Code and links are put aside while the rest is styled, so that styles may span them."""
    aside: list[str] = []

    def put_aside(rendered: str) -> str:
        aside.append(rendered)
        return f"\ue000{len(aside) - 1}\ue001"

    def code(found: re.Match[str]) -> str:
        block, inline = found.groups()
        shown = html.escape(unescape(inline if block is None else block.strip("\n")))
        return put_aside(f"<code>{shown}</code>" if block is None else f"<pre>{shown}</pre>")

    text = text.replace("\ue000", "").replace("\ue001", "")
    text = _CODE.sub(code, text)
    text = _ANGLE.sub(lambda found: put_aside(_reference(found[1], found[2])), text)
    lines = [_line(line) for line in text.split("\n")]
    styled = "<br>".join(lines).replace("</div><br>", "</div>")
    return re.sub("\ue000(\\d+)\ue001", lambda found: aside[int(found[1])], styled)


def _line(text: str) -> str:
    quote = re.match(r"(?:>|&gt;) ?(.*)", text)
    return f'<div class="quote">{_styled(quote[1]) or "&nbsp;"}</div>' if quote else _styled(text)


def _reference(target: str, label: str | None) -> str:
    """A link, a user, a channel or a broadcast such as <!channel>."""
    if target[0] in "@#":
        return f'<span class="mention">{html.escape(target[0] + (label or target[1:]))}</span>'
    if target[0] == "!":
        return f'<span class="mention broadcast">@{html.escape(label or target[1:])}</span>'
    address = html.escape(unescape(target), quote=True)
    if not re.match(r"(?:https?|mailto):", target):
        return f"&lt;{address}&gt;"
    return f'<a href="{address}" rel="noopener noreferrer">{html.escape(unescape(label or target))}</a>'


def _styled(text: str) -> str:
    text = html.escape(unescape(text))
    for mark, tag in _STYLES:
        sign = re.escape(mark)
        text = re.sub(
            rf"(?<![\w{sign}]){sign}(?=\S)([^{sign}\n]+?)(?<=\S){sign}(?![\w{sign}])", rf"<{tag}>\1</{tag}>", text
        )
    return _emoji(text)


def _emoji(text: str) -> str:
    return re.sub(r":([a-z0-9_+\-]+):", lambda found: _EMOJI.get(found[1], found[0]), text)
