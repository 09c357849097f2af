"""The client files, loaded before anything else of a run."""

from collections.abc import Iterator

import dagster as dg

from foundation.registry import read_clients
from ingestion.loading.tables import ensure_raw_tables
from ingestion.registry_load import load_registry
from orchestration.resources import PlatformResource

CLIENTS = dg.AssetKey(["raw_registry", "client"])
ACCOUNTS = dg.AssetKey(["raw_registry", "account"])
RULES = dg.AssetKey(["raw_registry", "conversion_rule"])
CONVENTIONS = dg.AssetKey(["raw_registry", "naming_convention"])
PARTS = dg.AssetKey(["raw_registry", "naming_part"])
BUDGETS = dg.AssetKey(["raw_registry", "budget"])
_KINDS = {"yaml", "postgres"}


@dg.multi_asset(
    name="registry",
    specs=[
        dg.AssetSpec(CLIENTS, description="The agency's clients, from clients/*.yaml.", kinds=_KINDS),
        dg.AssetSpec(ACCOUNTS, description="Which ad account belongs to which client when.", kinds=_KINDS),
        dg.AssetSpec(RULES, description="Which events a client counts to which conversion family.", kinds=_KINDS),
        dg.AssetSpec(CONVENTIONS, description="How each client's names are put together.", kinds=_KINDS),
        dg.AssetSpec(PARTS, description="The parts of each convention and their allowed values.", kinds=_KINDS),
        dg.AssetSpec(BUDGETS, description="Planned spend by month, platform and campaign group.", kinds=_KINDS),
    ],
    group_name="registry",
)
def registry(platform: PlatformResource) -> Iterator[dg.MaterializeResult[None]]:
    clients = read_clients(platform.settings.clients_dir)
    with platform.connection() as connection:
        ensure_raw_tables(connection)
        load_registry(connection, clients, platform.clock.now())
    active = sum(client.status == "active" for client in clients)
    accounts = sum(len(client.accounts) for client in clients)
    yield dg.MaterializeResult(CLIENTS, metadata={"clients": len(clients), "active clients": active})
    yield dg.MaterializeResult(ACCOUNTS, metadata={"accounts": accounts})
    rules = sum(len(client.conversions) for client in clients)
    yield dg.MaterializeResult(RULES, metadata={"conversion rules": rules})
    conventions = [rule for client in clients for rule in client.naming]
    yield dg.MaterializeResult(CONVENTIONS, metadata={"conventions": len(conventions)})
    yield dg.MaterializeResult(PARTS, metadata={"parts": sum(len(rule.parts) for rule in conventions)})
    yield dg.MaterializeResult(BUDGETS, metadata={"budgets": sum(len(client.budgets) for client in clients)})
