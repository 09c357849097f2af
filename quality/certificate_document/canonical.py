"""The one way in which a certificate is written as JSON: what is signed, what is embedded, what is compared."""

import json
from typing import Any

Document = dict[str, Any]
SCHEMA = "mdp.certificate/1"


def canonical(value: Any) -> bytes:
    """RFC 8785 in effect: keys sorted, no spaces, UTF-8. Documents hold no floats, so digits need no rule."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def readable(value: Any) -> str:
    """The same facts for a person's editor; also one text only for one value."""
    return json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def within_script(value: Any) -> str:
    """Canonical JSON that no HTML parser can leave: nothing in it opens a tag, an entity or a comment."""
    text = canonical(value).decode()
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
