"""Keeps secrets out of everything that people see: Slack, the outbox, incidents, asset checks, Data Docs."""

import base64
import os
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

MASK = "***"
# Shorter values are ordinary words: masking them would eat the message.
_SHORTEST_KNOWN_SECRET = 6
_SECRET_VARIABLE = re.compile(r"CREDENTIAL|TOKEN|SECRET|PASSWORD|ACCESS_KEY|PRIVATE_KEY")

# Bounded repetitions only: a long name without spaces must not cost quadratic time.
_KEYS = (
    r"(?:(?<![a-z0-9])(?:(?:access|refresh|auth|id)?_?token|(?:client|app)?_?secret|secret_?(?:access_?)?key|api[-_]?key|appsecret_proof|signature|sig)"
    r"|passw(?:or)?d|pwd)"
)
_TOKEN_PREFIXES = r"gh[opsur]_|github_pat_|glpat-|sk_live_|sk_test_|rk_live_|sk-|pypi-|npm_|dop_v1_|SG\."
_VALUE = r"""\\?"[^"]*"|'[^']*'|[^\s"'&,;<>}\])]+"""
_SENTENCE = r"(?<= token: )(?-i:[A-Z][a-z]+ [a-z])"
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL), MASK),
    # Greedy up to the last @, since people leave @ and / in passwords unescaped.
    (re.compile(r"(?i)(\b[a-z][a-z0-9+.-]{0,30}://[^\s/:@]*):\S*@"), rf"\1:{MASK}@"),
    (re.compile(r"(?i)(hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/)[^\s\"'<>]+"), rf"\1{MASK}"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}"), rf"\1 {MASK}"),
    # "validating access token: The session has ..." goes on as a sentence; after "password:" everything is masked.
    (re.compile(rf"(?i)({_KEYS}\\?[\"']?\s*(?:=>|=|:|%3D)\s*)(?!{_SENTENCE})(?:{_VALUE})"), rf"\1{MASK}"),
    (re.compile(r"(?i)\bxox[a-z](?:\.[a-z0-9-]+)?-[A-Za-z0-9-]{6,}|\bxapp-[A-Za-z0-9-]{6,}"), MASK),
    (re.compile(r"\bEAA[A-Za-z0-9]{16,}"), MASK),
    (re.compile(r"\bya29\.[A-Za-z0-9_-]{8,}"), MASK),
    (re.compile(r"\b1//0[A-Za-z0-9_-]{8,}"), MASK),
    (re.compile(r"\bGOCSPX-[A-Za-z0-9_-]{8,}"), MASK),
    (re.compile(r"\bAIza[A-Za-z0-9_-]{20,}"), MASK),
    (re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{12,}"), MASK),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*)?"), MASK),
    (re.compile(rf"\b(?:{_TOKEN_PREFIXES})[A-Za-z0-9_.-]{{12,}}"), MASK),
    (re.compile(r"AGE-SECRET-KEY-1[A-Z0-9]{10,}"), MASK),
    (re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+"), "[e-mail]"),
)  # fmt: skip

# What follows ? or # of an address may carry click ids, tokens and people's data; where it leads is before it.
_QUERY_OF_URL = re.compile(r"""(?i)(\b[a-z][a-z0-9+.-]{1,30}://[^\s?#"'<>]*)[?#][^\s"'<>]*""")


def redact(text: str, known: Iterable[str] = ()) -> str:
    """The text without known secret values and without anything shaped like a token, password or e-mail address."""
    for value in sorted(known, key=len, reverse=True):
        text = text.replace(value, MASK)
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def redact_sample(text: str, known: Iterable[str] = ()) -> str:
    """A value of a failing row as others may see it: as `redact` leaves it, addresses without query and fragment."""
    return redact(_QUERY_OF_URL.sub(r"\1", text), known)


def redact_all(value: Any, known: Iterable[str] = (), mask: Callable[[str, Iterable[str]], str] = redact) -> Any:
    """A JSON-like value with every string in it masked, keys included."""
    known = tuple(known)
    if isinstance(value, str):
        return mask(value, known)
    if isinstance(value, Mapping):
        return {mask(key, known): redact_all(item, known, mask) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [redact_all(item, known, mask) for item in value]
    return value


def known_secrets(environment: Mapping[str, str] = os.environ) -> frozenset[str]:
    """The secret values of the environment and of the files that it names, also as they look when encoded."""
    found = set()
    for name, value in environment.items():
        if name.upper().endswith("_URL") and "://" in value:
            found.add(urlsplit(value).password or "")
        elif _SECRET_VARIABLE.search(name.upper()):
            path = Path(value)
            found.add(path.read_text(encoding="utf-8").strip() if name.endswith("_FILE") and path.is_file() else value)
    # Digits alone are ids, such as a manager account's, and must stay readable.
    plain = {value for value in found if len(value) >= _SHORTEST_KNOWN_SECRET and not value.isdigit()}
    encoded = {quote(value, safe="") for value in plain}
    in_base64 = {base64.b64encode(value.encode()).decode().rstrip("=") for value in plain}
    return frozenset(plain | encoded | in_base64)
