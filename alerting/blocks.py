"""Slack's Block Kit within its limits: escaped, redacted, never pinging, never too long."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from foundation.redaction import redact

# Slack's documented limits, in characters and blocks.
HEADER_CHARACTERS = 150
SECTION_CHARACTERS = 3000
FIELD_CHARACTERS = 2000
FIELDS_PER_SECTION = 10
BLOCKS_PER_MESSAGE = 50
# Slack refuses messages near 13,000 characters with msg_blocks_too_long; the limit is undocumented.
MESSAGE_CHARACTERS = 11_000
FALLBACK_CHARACTERS = 3000
_ELLIPSIS = "…"
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}

Block = dict[str, Any]


@dataclass(frozen=True)
class Message:
    """What is posted: blocks, and the fallback text that notifications and screen readers show."""

    text: str
    blocks: tuple[Block, ...]

    def payload(self) -> dict[str, Any]:
        """JSON for ``ops.outbox.payload``."""
        return {"text": self.text, "blocks": list(self.blocks)}


def safe(text: object, limit: int = FIELD_CHARACTERS) -> str:
    """Foreign text (an ad's name, an error) made harmless: one line, redacted, escaped, at most ``limit`` characters.

    Control and direction characters go, ``<!channel>`` becomes plain text, and no entity is cut in two.
    """
    # Redacted well past the limit, so that no half of a secret is left at the cut.
    start = str(text)[: 4 * limit + 4000]
    printable = "".join(sign if sign.isprintable() else " " for sign in start)
    one_line = redact(" ".join(printable.split()))
    pieces = [_ENTITIES.get(sign, sign) for sign in one_line]
    if sum(map(len, pieces)) <= limit:
        return "".join(pieces)
    kept, used = [], len(_ELLIPSIS)
    for piece in pieces:
        if used + len(piece) > limit:
            break
        kept.append(piece)
        used += len(piece)
    return "".join(kept) + _ELLIPSIS


def header(text: object) -> Block:
    """A header block; the text may be foreign."""
    return {
        "type": "header",
        "text": {"type": "plain_text", "text": safe(text, HEADER_CHARACTERS) or "-", "emoji": False},
    }


def markdown(text: str) -> Block:
    """A mrkdwn text object of already safe text; verbatim, so that Slack adds no links or mentions of its own."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def fields(pairs: Iterable[tuple[str, object]]) -> list[Block]:
    """Label and foreign value pairs as sections of at most ten fields each."""
    objects = []
    for label, value in pairs:
        title = f"*{safe(label, 100)}*\n"
        objects.append(markdown(title + (safe(value, FIELD_CHARACTERS - len(title)) or "-")))
    return [
        {"type": "section", "fields": objects[start : start + FIELDS_PER_SECTION]}
        for start in range(0, len(objects), FIELDS_PER_SECTION)
    ]


def section(text: str) -> Block:
    """A section of already safe mrkdwn that fits its limit."""
    return {"type": "section", "text": markdown(text)}


def line_sections(lines: Sequence[str], budget: int) -> list[Block]:
    """Already safe lines packed into few sections; what exceeds ``budget`` characters is counted, not shown."""
    sections: list[str] = []
    used = 0
    for index, line in enumerate(lines):
        if used + len(line) + 1 > budget or len(line) > SECTION_CHARACTERS:
            rest = f"{_ELLIPSIS} and {len(lines) - index} more"
            if sections and len(sections[-1]) + len(rest) + 1 <= SECTION_CHARACTERS:
                sections[-1] += f"\n{rest}"
            else:
                sections.append(rest)
            break
        used += len(line) + 1
        if sections and len(sections[-1]) + 1 + len(line) <= SECTION_CHARACTERS:
            sections[-1] += f"\n{line}"
        else:
            sections.append(line)
    return [section(text) for text in sections]


def context(text: str) -> Block:
    """A small grey line of already safe mrkdwn."""
    return {"type": "context", "elements": [markdown(text)]}


def message(fallback: object, blocks: Sequence[Block]) -> Message:
    """A message whose fallback may be foreign text. Raises ValueError above Slack's number of blocks."""
    if len(blocks) > BLOCKS_PER_MESSAGE:
        raise ValueError(f"{len(blocks)} blocks, Slack takes {BLOCKS_PER_MESSAGE}")
    return Message(safe(fallback, FALLBACK_CHARACTERS) or "-", tuple(blocks))
