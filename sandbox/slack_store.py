"""Messages that were posted to the sandbox's Slack, kept in an append-only file."""

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

Message = dict[str, Any]


@dataclass
class Channel:
    """A channel and its messages by ``ts``, in order of posting."""

    channel_id: str
    name: str
    messages: dict[str, Message] = field(default_factory=dict)
    archived: bool = False


class SlackStore:
    """All channels of the workspace. ``ts`` values never repeat and never go back."""

    def __init__(self, path: Path, channels: dict[str, str]) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._last_ts = 0
        self.channels = {channel_id: Channel(channel_id, name) for channel_id, name in channels.items()}
        if path.exists():
            for line in path.read_bytes().split(b"\n")[:-1]:
                self._apply(orjson.loads(line))

    def find(self, channel: str) -> Channel | None:
        """A channel by id, by name or by #name."""
        if channel in self.channels:
            return self.channels[channel]
        return next((c for c in self.channels.values() if c.name == channel.removeprefix("#")), None)

    def post(self, channel: Channel, content: Message) -> Message:
        """Store a new message; returns it with its ``ts``."""
        with self._lock:
            self._last_ts = max(self._last_ts + 1, time.time_ns() // 1000)
            ts = f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"
            message = {"type": "message", "ts": ts, **content}
            self._keep({"channel": channel.channel_id, "ts": ts, "message": message})
            return message

    def update(self, channel: Channel, ts: str, content: Message) -> Message:
        """Change a stored message."""
        with self._lock:
            message = {**channel.messages[ts], **content, "edited": {"ts": ts}}
            self._keep({"channel": channel.channel_id, "ts": ts, "message": message})
            return message

    def _keep(self, record: Message) -> None:
        with self._path.open("ab") as file:
            file.write(orjson.dumps(record) + b"\n")
        self._apply(record)

    def _apply(self, record: Message) -> None:
        channel = self.channels.setdefault(record["channel"], Channel(record["channel"], record["channel"].lower()))
        channel.messages[record["ts"]] = record["message"]
        seconds, _, part = record["ts"].partition(".")
        self._last_ts = max(self._last_ts, int(seconds) * 1_000_000 + int(part))

    def all_messages(self) -> list[Message]:
        """Every message with its channel, oldest first."""
        found = [
            {"channel": channel.channel_id, "channel_name": channel.name, **message}
            for channel in self.channels.values()
            for message in channel.messages.values()
        ]
        return sorted(found, key=lambda message: str(message["ts"]))
