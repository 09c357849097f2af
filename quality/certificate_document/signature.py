"""HMAC-SHA256 over a certificate's canonical JSON, with keys that can be rotated."""

import hashlib
import hmac
import re
from dataclasses import dataclass

from pydantic import SecretStr

from quality.certificate_document.canonical import Document, canonical

KEY_VARIABLE = "MDP_CERTIFICATE_KEY"
SHORTEST_KEY_BYTES = 32
ALGORITHM = "HMAC-SHA256"
_HOW_TO_MAKE_ONE = (
    f"Make one with `openssl rand -hex 32` and set {KEY_VARIABLE} to it, or {KEY_VARIABLE}_FILE to a file that holds it"
)


class CertificateKeyError(ValueError):
    """No usable key; the message says how to make one."""


@dataclass(frozen=True)
class Key:
    """A signing key. Its id is worked out from it, so that nobody has to name keys."""

    secret: SecretStr

    @property
    def key_id(self) -> str:
        """Twelve hex digits that tell keys apart and do not tell the key."""
        return hmac.new(self._bytes, b"mdp certificate key id", hashlib.sha256).hexdigest()[:12]

    @property
    def _bytes(self) -> bytes:
        return self.secret.get_secret_value().encode()

    def sign(self, document: Document) -> str:
        """The HMAC as hex digits."""
        return hmac.new(self._bytes, canonical(document), hashlib.sha256).hexdigest()


def keys_from(text: SecretStr | None) -> tuple[Key, ...]:
    """Keys separated by commas or line ends: the first signs, all verify. Raises CertificateKeyError."""
    parts = [part.strip() for part in re.split(r"[,\n]", text.get_secret_value())] if text else []
    found = [part for part in parts if part]
    if not found:
        raise CertificateKeyError(f"there is no key to sign or verify certificates with. {_HOW_TO_MAKE_ONE}")
    for number, part in enumerate(found, 1):
        if len(part.encode()) < SHORTEST_KEY_BYTES:
            raise CertificateKeyError(
                f"key {number} in {KEY_VARIABLE} has {len(part.encode())} bytes, at least {SHORTEST_KEY_BYTES} are "
                f"needed. {_HOW_TO_MAKE_ONE}"
            )
    return tuple(Key(SecretStr(part)) for part in found)


def digest(document: Document) -> str:
    """SHA-256 of the canonical JSON: what two people compare by eye."""
    return hashlib.sha256(canonical(document)).hexdigest()


def signed(document: Document, key: Key) -> Document:
    """The document with its signature, as both files carry it."""
    return {
        "document": document,
        "signature": {
            "algorithm": ALGORITHM,
            "digest_sha256": digest(document),
            "key_id": key.key_id,
            "value": key.sign(document),
        },
    }
