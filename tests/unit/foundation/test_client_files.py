"""Client files: what is wrong is named with file, key and what is allowed."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from foundation.registry import RegistryError, read_client_file, read_clients

ACCOUNT: dict[str, Any] = {
    "platform": "meta_ads", "account_id": "4242", "currency": "BRL", "timezone": "America/Sao_Paulo",
    "credential": "meta_agency",
}  # fmt: skip
CLIENT: dict[str, Any] = {
    "client": "padaria", "name": "Padaria & Café", "reporting_currency": "BRL", "timezone": "America/Sao_Paulo",
    "active_from": date(2026, 8, 1), "accounts": [ACCOUNT],
}  # fmt: skip


def written(folder: Path, content: dict[str, Any], name: str = "padaria") -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return path


def test_a_complete_file_is_read(tmp_path: Path) -> None:
    client = read_client_file(written(tmp_path, CLIENT))
    assert (client.name, client.status, client.accounts[0].account_id) == ("Padaria & Café", "active", "4242")
    assert client.range_of(client.accounts[0]) == (date(2026, 8, 1), None)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"budget": 5}, r"padaria.yaml: budget: unknown key; allowed: client, name, status, .*accounts"),
        (
            {"accounts": [{**ACCOUNT, "token": "x"}]},
            r"padaria.yaml: accounts.0.token: unknown key; allowed: platform, acc",
        ),
        ({"reporting_currency": "R$"}, r"padaria.yaml: reporting_currency: 'R\$' is no ISO 4217 currency; .*BRL, USD"),
        ({"accounts": [{**ACCOUNT, "currency": "brl"}]}, r"accounts.0.currency: 'brl' is no ISO 4217 currency"),
        ({"timezone": "Brasilia"}, r"padaria.yaml: timezone: 'Brasilia' is no IANA time zone; .*America/Sao_Paulo"),
        ({"accounts": [{**ACCOUNT, "platform": "orkut_ads"}]}, r"accounts.0.platform: .*'meta_ads', .* or 'instagram'"),
        ({"accounts": [{k: v for k, v in ACCOUNT.items() if k != "currency"}]}, r"accounts.0.currency: Field required"),
        ({"accounts": [{k: v for k, v in ACCOUNT.items() if k != "timezone"}]}, r"accounts.0.timezone: Field required"),
        ({"accounts": [{**ACCOUNT, "account_id": "act_4242"}]}, r"accounts.0.account_id: .*pattern"),
        ({"status": "paused"}, r"padaria.yaml: status: .*'active' or 'archived'"),
        ({"active_to": date(2026, 7, 1)}, r"active_to 2026-07-01 lies before active_from 2026-08-01"),
        (
            {"accounts": [{**ACCOUNT, "active_from": date(2026, 9, 2), "active_to": date(2026, 9, 1)}]},
            r"accounts.0: active_to 2026-09-01 lies before active_from 2026-09-02",
        ),
        ({"client": "other"}, r"padaria.yaml: client: 'other' must equal the file's name, 'padaria'"),
    ],
)
def test_what_is_wrong_is_told_with_file_key_and_allowed_values(
    tmp_path: Path, change: dict[str, Any], told: str
) -> None:
    with pytest.raises(RegistryError, match=told):
        read_client_file(written(tmp_path, {**CLIENT, **change}))


def test_all_mistakes_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(RegistryError) as caught:
        read_client_file(written(tmp_path, {**CLIENT, "timezone": "Brasilia", "budget": 5}))
    assert len(str(caught.value).splitlines()) == 2


@pytest.mark.parametrize("text", ["- a\n- b\n", "", "client: [unclosed"])
def test_a_file_that_is_no_mapping_is_refused_by_name(tmp_path: Path, text: str) -> None:
    (tmp_path / "padaria.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(RegistryError, match=r"padaria.yaml: (a client file is a mapping|not valid YAML)"):
        read_client_file(tmp_path / "padaria.yaml")


def test_examples_are_skipped_and_clients_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    written(tmp_path, {**CLIENT, "client": "zebra", "accounts": []}, "zebra")
    written(tmp_path, CLIENT)
    written(tmp_path, {"broken": True}, "_example")
    assert [client.client for client in read_clients(tmp_path)] == ["padaria", "zebra"]


@pytest.mark.parametrize(
    ("end", "begin", "allowed"),
    [
        (date(2026, 8, 31), date(2026, 9, 1), True),
        (date(2026, 9, 1), date(2026, 9, 1), False),
        (None, date(2026, 9, 1), False),
    ],
)
def test_one_account_belongs_to_one_client_a_day(tmp_path: Path, end: date | None, begin: date, allowed: bool) -> None:
    written(tmp_path, {**CLIENT, "accounts": [{**ACCOUNT, "active_to": end}]})
    written(tmp_path, {**CLIENT, "client": "quitanda", "accounts": [{**ACCOUNT, "active_from": begin}]}, "quitanda")
    if allowed:
        assert len(read_clients(tmp_path)) == 2
    else:
        with pytest.raises(RegistryError, match=r"quitanda.yaml: .*meta_ads account 4242 also belongs to padaria.yaml"):
            read_clients(tmp_path)


def test_the_same_number_on_two_platforms_is_two_accounts(tmp_path: Path) -> None:
    written(tmp_path, {**CLIENT, "accounts": [ACCOUNT, {**ACCOUNT, "platform": "google_ads"}]})
    assert len(read_clients(tmp_path)[0].accounts) == 2


def test_an_instagram_account_has_the_clients_currency_and_californian_days(tmp_path: Path) -> None:
    profile = {"platform": "instagram", "account_id": "17841400000000001", "credential": "instagram_agency"}
    content = {**CLIENT, "reporting_currency": "EUR", "accounts": [ACCOUNT, profile]}
    meta, instagram = read_client_file(written(tmp_path, content)).accounts
    assert (instagram.currency, instagram.timezone) == ("EUR", "America/Los_Angeles")
    assert (meta.currency, meta.timezone) == ("BRL", "America/Sao_Paulo")
    told = {**profile, "currency": "USD", "timezone": "Pacific/Honolulu"}
    (account,) = read_client_file(written(tmp_path, {**content, "accounts": [told]})).accounts
    assert (account.currency, account.timezone) == ("USD", "Pacific/Honolulu")


def test_a_wrong_instagram_account_is_told_like_any_other(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match=r"padaria.yaml: accounts.0.account_id: Field required"):
        read_client_file(written(tmp_path, {**CLIENT, "accounts": [{"platform": "instagram", "credential": "x"}]}))
    with pytest.raises(RegistryError, match=r"padaria.yaml: accounts: Input should be a valid tuple"):
        read_client_file(written(tmp_path, {**CLIENT, "accounts": "instagram"}))


def test_the_example_is_a_valid_client_file(tmp_path: Path) -> None:
    example = Path(__file__).parents[3] / "clients" / "_example.yaml"
    (tmp_path / "example-shop.yaml").write_text(example.read_text(encoding="utf-8"), encoding="utf-8")
    accounts = read_client_file(tmp_path / "example-shop.yaml").accounts
    assert [account.platform for account in accounts] == [
        "meta_ads", "google_ads", "tiktok_ads", "linkedin_ads", "instagram",
    ]  # fmt: skip


def test_what_figures_depend_on_moves_the_accounts_hash_and_a_name_does_not(tmp_path: Path) -> None:
    def hash_of(change: dict[str, Any]) -> str:
        client = read_client_file(written(tmp_path, {**CLIENT, **change}))
        return client.account_hash(client.accounts[0])

    before = hash_of({})
    assert hash_of({"name": "Padaria"}) == before
    assert hash_of({"slack_channel": "C1"}) == before
    assert hash_of({"reporting_currency": "USD"}) != before
    assert hash_of({"active_from": date(2026, 8, 2)}) != before
