"""The client registry: one YAML file a client, validated before anything is loaded."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from hashlib import md5
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import available_timezones

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from foundation.conversion_mapping import ConversionRule, refuse_overlaps
from foundation.money import known_currencies

Platform = Literal["meta_ads", "google_ads", "tiktok_ads", "linkedin_ads", "instagram"]
# Instagram knows neither a currency nor a time zone of an account; its days end at midnight in California.
_INSTAGRAM_ZONE = "America/Los_Angeles"
# Far future stands for "still open" where two ranges are compared.
_OPEN_END = date.max


class RegistryError(ValueError):
    """A client file is wrong; the message names file, key and allowed values."""


# The standard library walks the whole zone database at each call.
_known_time_zones = lru_cache(available_timezones)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    @field_validator("currency", "reporting_currency", check_fields=False)
    @classmethod
    def _currency_is_known(cls, value: str) -> str:
        if value not in known_currencies():
            raise ValueError(f"{value!r} is no ISO 4217 currency; write the code in capitals, such as BRL, USD or EUR")
        return value

    @field_validator("timezone", check_fields=False)
    @classmethod
    def _time_zone_is_known(cls, value: str) -> str:
        if value not in _known_time_zones():
            raise ValueError(f"{value!r} is no IANA time zone; write a name such as America/Sao_Paulo or UTC")
        return value

    @model_validator(mode="after")
    def _range_is_ordered(self) -> Self:
        first, last = getattr(self, "active_from", None), getattr(self, "active_to", None)
        if first and last and last < first:
            raise ValueError(f"active_to {last} lies before active_from {first}")
        return self


class Account(_Strict):
    """An account of a client on one platform. Its days end in ``timezone``, its money is in ``currency``.

    An Instagram account may leave both out: it gets the client's reporting currency and the Pacific zone.
    """

    platform: Platform
    account_id: str = Field(pattern=r"^\d+$", description="Digits only: no act_ prefix, no dashes.")
    name: str | None = None
    currency: str
    timezone: str
    credential: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="Name only; the secret is in the environment.")
    login_customer_id: str | None = Field(None, pattern=r"^\d+$")
    active_from: date | None = None
    active_to: date | None = None


class Client(_Strict):
    """The agency's customer. ``active_from`` is the first day whose numbers belong to it."""

    client: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    name: str
    status: Literal["active", "archived"] = "active"
    reporting_currency: str
    timezone: str
    slack_channel: str | None = None
    active_from: date
    active_to: date | None = None
    restatement_days: dict[Platform, Annotated[int, Field(ge=1, le=365)]] = Field(
        {}, description="Days that are read again on every pull, where they differ from the platform's own."
    )
    accounts: tuple[Account, ...] = ()
    conversions: tuple[ConversionRule, ...] = Field((), description="Events by family, instead of the defaults.")

    @field_validator("conversions")
    @classmethod
    def _no_event_counts_twice(cls, rules: tuple[ConversionRule, ...]) -> tuple[ConversionRule, ...]:
        refuse_overlaps(rules)
        return rules

    @model_validator(mode="before")
    @classmethod
    def _complete_instagram_accounts(cls, content: Any) -> Any:
        """Fill in what an Instagram account has no say in; files with mistakes pass on as they are."""
        accounts = content.get("accounts") if isinstance(content, dict) else None
        if not isinstance(accounts, list):
            return content
        told = {"currency": content.get("reporting_currency"), "timezone": _INSTAGRAM_ZONE}
        return {
            **content,
            "accounts": [
                {**told, **account} if isinstance(account, dict) and account.get("platform") == "instagram" else account
                for account in accounts
            ],
        }

    def range_of(self, account: Account) -> tuple[date, date | None]:
        """First and last day (inclusive, None = open) on which the account belongs to this client."""
        ends = [day for day in (account.active_to, self.active_to) if day]
        return max(account.active_from or self.active_from, self.active_from), min(ends) if ends else None

    def account_hash(self, account: Account) -> str:
        """Changes when anything changes that a published figure of the account depends on."""
        rules = [rule.model_dump_json() for rule in self.conversions if rule.platform == account.platform]
        parts = (
            self.client, self.reporting_currency, account.currency, account.timezone, *self.range_of(account), *rules
        )  # fmt: skip
        return md5("|".join(map(str, parts)).encode(), usedforsecurity=False).hexdigest()


_PART_MODELS: dict[int | str, type[BaseModel]] = {"accounts": Account, "conversions": ConversionRule}


def _explain(path: Path, error: ValidationError) -> str:
    lines = []
    for problem in error.errors():
        key = ".".join(str(part) for part in problem["loc"]) or "(file)"
        message = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "extra_forbidden":
            model = _PART_MODELS.get(problem["loc"][0], Client)
            names = (field.alias or name for name, field in model.model_fields.items())
            message = f"unknown key; allowed: {', '.join(names)}"
        lines.append(f"{path.name}: {key}: {message}")
    return "\n".join(lines)


def read_client_file(path: Path) -> Client:
    """Read and validate one client file. Raises RegistryError."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise RegistryError(f"{path.name}: not valid YAML: {error}") from error
    if not isinstance(content, dict):
        raise RegistryError(f"{path.name}: a client file is a mapping that begins with `client: <id>`")
    try:
        client = Client.model_validate(content)
    except ValidationError as error:
        raise RegistryError(_explain(path, error)) from error
    if client.client != path.stem:
        raise RegistryError(f"{path.name}: client: {client.client!r} must equal the file's name, {path.stem!r}")
    return client


def _refuse_shared_accounts(clients: Iterable[Client]) -> None:
    seen: dict[tuple[str, str], list[tuple[date, date, str]]] = {}
    for client in clients:
        for account in client.accounts:
            first, last = client.range_of(account)
            ranges = seen.setdefault((account.platform, account.account_id), [])
            for other_first, other_last, other in ranges:
                if first <= other_last and other_first <= (last or _OPEN_END):
                    raise RegistryError(
                        f"{client.client}.yaml: accounts: {account.platform} account {account.account_id} also belongs "
                        f"to {other}.yaml on the same days; end one range with active_to before the other's active_from"
                    )
            ranges.append((first, last or _OPEN_END, client.client))


def read_clients(directory: Path) -> tuple[Client, ...]:
    """All clients of the directory, ordered by id; files that begin with an underscore are examples and skipped."""
    paths = sorted(path for path in directory.glob("*.yaml") if not path.name.startswith("_"))
    clients = tuple(read_client_file(path) for path in paths)
    _refuse_shared_accounts(clients)
    return clients
