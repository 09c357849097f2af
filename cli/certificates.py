"""`mdp certificate`: writes the certificate of a client and month, and verifies one."""

import os
import re
from dataclasses import dataclass
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from cli.session import PlatformSession
from foundation.credentials import resolve_secret
from foundation.database import connect
from quality.certificate_document.canonical import readable
from quality.certificate_document.document import build_document
from quality.certificate_document.facts import read_month
from quality.certificate_document.page import page
from quality.certificate_document.signature import KEY_VARIABLE, Key, keys_from, signed
from quality.certificate_document.verification import Verification, verify

_MONTH = re.compile(r"(\d{4})-(\d{2})")
EXIT_CODES = {"valid": 0, "altered": 1, "unknown": 2}


@dataclass(frozen=True)
class WrittenCertificate:
    """The two files, and what the page says on top."""

    html: Path
    json: Path
    key_id: str
    digest: str
    summary: dict[str, Any]


def month_of(text: str) -> date:
    """First day of the month that ``YYYY-MM`` names. Raises ValueError with the form that is allowed."""
    found = _MONTH.fullmatch(text)
    if found is None or not 1 <= int(found[2]) <= 12 or not int(found[1]):
        raise ValueError(f"{text!r} is no month; write the year and the month's number, such as 2026-10")
    return date(int(found[1]), int(found[2]), 1)


def signing_keys() -> tuple[Key, ...]:
    """The keys of this installation. Raises ValueError that says how to make one."""
    return keys_from(resolve_secret(KEY_VARIABLE))


def write_certificate(session: PlatformSession, client: str, month: str, output: Path | None) -> WrittenCertificate:
    """Both files of a client and month. ``output``: the HTML file or a folder; none = certificates/ of the data dir."""
    chosen, keys = month_of(month), signing_keys()
    now = session.clock.now()
    with connect(session.warehouse_url) as connection:
        facts = read_month(connection, client, chosen)
    if chosen > now.date():
        raise ValueError(f"{month} has not begun yet; it is {now:%Y-%m-%d}")
    envelope = signed(build_document(facts, generated_at=now, product_version=product_version()), keys[0])
    html, json = output_paths(output or session.settings.data_dir / "certificates", client, month)
    html.parent.mkdir(parents=True, exist_ok=True)
    write_whole(json, readable(envelope))
    write_whole(html, page(envelope))
    signature = envelope["signature"]
    return WrittenCertificate(
        html, json, signature["key_id"], signature["digest_sha256"], envelope["document"]["summary"]
    )


def output_paths(output: Path, client: str, month: str) -> tuple[Path, Path]:
    """HTML and JSON file: beside each other, named after client and month unless a file is named."""
    if output.suffix in {".html", ".json"}:
        return output.with_suffix(".html"), output.with_suffix(".json")
    return output / f"{client}-{month}.html", output / f"{client}-{month}.json"


def write_whole(path: Path, text: str) -> None:
    """The file appears whole or not at all; a former one stays until then."""
    with NamedTemporaryFile("w", encoding="utf-8", newline="\n", dir=path.parent, delete=False) as draft:
        try:
            draft.write(text)
            draft.flush()
            os.fsync(draft.fileno())
            Path(draft.name).chmod(0o644)
            Path(draft.name).replace(path)
        except BaseException:
            Path(draft.name).unlink(missing_ok=True)
            raise


def verify_file(path: Path) -> Verification:
    """Raises ValueError where the file cannot be read or no key is configured."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from error
    return verify(content, signing_keys())


def product_version() -> str:
    """Version of this installation."""
    try:
        return version("marketing-data-platform")
    except PackageNotFoundError:
        return "unknown"
