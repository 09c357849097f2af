"""Says of a certificate file whether it is what was signed, to the last byte."""

import hmac
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from quality.certificate_document.canonical import SCHEMA, Document, readable
from quality.certificate_document.page import page
from quality.certificate_document.signature import ALGORITHM, Key, digest

Outcome = Literal["valid", "altered", "unknown"]
_EMBEDDED = re.compile(r'<script type="application/json" id="certificate">(.*?)</script>', re.DOTALL)


@dataclass(frozen=True)
class Verification:
    """What became of the check; document only where it is valid."""

    outcome: Outcome
    detail: str
    document: Document | None = None


def verify(content: bytes, keys: Sequence[Key]) -> Verification:
    """Check either file: the signature over the facts, and that all the rest of the file follows from them."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        return _altered(f"the file is no UTF-8 text: {error.reason} at byte {error.start}")
    is_page = text.lstrip()[:1] == "<"
    embedded = _EMBEDDED.findall(text) if is_page else [text]
    if len(embedded) != 1:
        return _altered(f"the page carries {len(embedded)} embedded certificates instead of one")
    try:
        envelope = json.loads(embedded[0])
        document, signature = envelope["document"], envelope["signature"]
        said_key, said_value = str(signature["key_id"]), str(signature["value"])
        schema, digested = document["schema"], digest(document)
    except (ValueError, KeyError, TypeError, RecursionError):
        return _altered("the file holds no certificate that can be read")
    key = next((key for key in keys if key.key_id == said_key), None)
    if key is None:
        return Verification(
            "unknown",
            f"signed with key {said_key[:40]!r}; the keys known here are {', '.join(key.key_id for key in keys)}. "
            "Add the key that it was signed with behind a comma, or ask the issuer to verify the file",
        )
    if not hmac.compare_digest(key.sign(document).encode(), said_value.encode()):
        return _altered("the facts are not those that were signed")
    if (signature.get("algorithm"), signature.get("digest_sha256")) != (ALGORITHM, digested):
        return _altered("algorithm or digest do not belong to the signed facts")
    if schema != SCHEMA:
        return Verification(
            "unknown",
            f"the facts are as signed, but of layout {schema!r}, which this version of the product cannot render; "
            f"verify with version {document.get('product_version')}",
        )
    return _whole_file(text, envelope, document, is_page=is_page)


def _whole_file(text: str, envelope: dict[str, Any], document: Document, *, is_page: bool) -> Verification:
    """The facts are the signed ones; every other byte must be what we write for them."""
    if text != (page(envelope) if is_page else readable(envelope)):
        what = "the visible page differs from what the signed facts render to" if is_page else (
            "the facts are as signed, but the text around them was changed"
        )  # fmt: skip
        return _altered(what)
    client = document["client"]
    return Verification("valid", f"certificate of {client['id']} for {document['month']}, unchanged", document)


def _altered(detail: str) -> Verification:
    return Verification("altered", detail)
