"""What every platform must do alike: read whole, follow restatements, resume, and fail where it should."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest
import yaml

from ingestion.http import Connections
from ingestion.platforms import PLATFORMS
from ingestion.reports import Entity
from sandbox.world.world import World, accounts_of
from tests.conformance.conftest import DAYS, START
from tests.integration.ingestion.ad_world import PROVED_TABLES, AdWorld, Ingestion
from tests.integration.ingestion.conftest import MakeDatabase, ingestion_of

FIRST_DAY = START.date() - timedelta(days=DAYS)
REVOKED = "meta_olivar"


def _accounts(world: World, platform: str) -> list[str]:
    """Accounts whose credential works."""
    return [a.account_id for a in accounts_of(world) if a.platform == platform and a.credential != REVOKED]


def _truth(ad_world: AdWorld, world: World, platform: str, **when: object) -> dict[object, object]:
    return dict(ad_world.account_days(platform, _accounts(world, platform), **when))  # type: ignore[arg-type]


def _key_columns(table: object) -> list[str]:
    return ["account_id", *table.key]  # type: ignore[attr-defined]


def test_a_full_read_equals_the_truth_of_every_account_and_day(
    ad_world: AdWorld, world: World, platform: str, first_read: Ingestion
) -> None:
    truth = _truth(ad_world, world, platform, as_of=START)
    assert len({account for account, _ in truth}) >= 3  # type: ignore[misc]
    assert first_read.loaded_days(platform) == truth
    assert first_read.rows("select * from ops.quarantine where platform = %s", platform) == []


def test_days_on_which_clocks_change_are_days_like_others(
    ad_world: AdWorld, world: World, platform: str, first_read: Ingestion
) -> None:
    loaded, truth = first_read.loaded_days(platform), _truth(ad_world, world, platform, as_of=START)
    for day in (date(2026, 3, 8), date(2026, 3, 29)):
        assert {key for key in loaded if key[1] == day} == {key for key in truth if key[1] == day} != set()  # type: ignore[index]


def test_every_raw_table_has_its_key_once_and_no_part_of_it_is_null(platform: str, first_read: Ingestion) -> None:
    definition = PLATFORMS[platform].definition
    for table in definition.tables:
        key = _key_columns(table)
        rows, keys, nulls = first_read.rows(
            f"select count(*), count(distinct ({', '.join(key)})), "
            f"count(*) filter (where {' or '.join(f'{name} is null' for name in key)}) "
            f"from {definition.raw_schema}.{table.table}"
        )[0]
        assert (rows, nulls) == (keys, 0), table.name


def test_every_report_has_rows_and_a_complete_ledger_and_none_has_a_problem(
    world: World, platform: str, first_read: Ingestion
) -> None:
    definition = PLATFORMS[platform].definition
    readable = _accounts(world, platform)
    problems = first_read.rows(
        """select report, account_id, min(problem) from ops.load_ledger
        where problem is not null and account_id = any(%s) group by 1, 2""",
        readable,
    )
    assert problems == []
    for table in definition.tables:
        count = first_read.value(f"select count(*) from {definition.raw_schema}.{table.table}")
        assert count > 0, f"{table.name} is empty"


def test_lists_hold_every_object_of_the_world_with_ids_and_names_as_they_are(
    world: World, platform: str, first_read: Ingestion
) -> None:
    accounts = [account for account in accounts_of(world) if account.account_id in _accounts(world, platform)]
    if platform == "instagram":
        ids = {media.media_id for account in accounts for media in account.media}
        loaded = {row[0] for row in first_read.rows("select media_id from raw_instagram.media")}
        assert loaded
        assert loaded <= ids
        return
    table = {"linkedin_ads": "campaign_groups"}.get(platform, "campaigns")
    id_column = {"linkedin_ads": "campaign_group_id"}.get(platform, "campaign_id")
    name_column = {"tiktok_ads": "campaign_name"}.get(platform, "name")
    loaded = dict(first_read.rows(f"select {id_column}, {name_column} from raw_{platform}.{table}"))
    existing = {
        campaign.campaign_id
        for account in accounts
        for campaign in account.campaigns
        if campaign.lifetime.created < START.date()
    }
    missing = existing - set(loaded)
    # What is deleted for good at Meta is on no list; it is known only by what was read before.
    deleted = {
        campaign.campaign_id
        for account in accounts
        for campaign in account.campaigns
        if campaign.lifetime.removed_by(START.date()) and campaign.lifetime.removal == "DELETED"
    }
    assert missing <= (deleted if platform == "meta_ads" else set())
    assert any(not name.isascii() for name in loaded.values() if name)


def test_a_credential_tells_which_accounts_it_can_see(world: World, platform: str, unread: Ingestion) -> None:
    """What an agency needs to write a client file; closed accounts may or may not be among them."""
    own = [a for a in accounts_of(world) if a.platform == platform]
    credential = next(a.credential for a in own if a.credential != REVOKED)
    connections = Connections(sleeper=lambda seconds: None)
    client = PLATFORMS[platform].build_client(unread.settings, connections, lambda: START)
    visible = {account.account_id: account for account in client.visible_accounts(credential)}
    connections.close()
    open_accounts = {a.account_id: a for a in own if a.credential == credential and "(old, " not in a.name}
    assert open_accounts.keys() <= visible.keys()
    for account_id, account in open_accounts.items():
        if PLATFORMS[platform].definition.currency_path is not None:
            assert visible[account_id].currency == account.currency
        if PLATFORMS[platform].definition.timezone_path is not None:
            assert visible[account_id].timezone == account.timezone
        assert visible[account_id].login_customer_id == account.login_customer_id


def test_the_same_instant_again_writes_nothing(platform: str, read_once: Ingestion) -> None:
    before = read_once.fingerprint()
    assert [task for task in read_once.due(platform, START) if task.account.credential != REVOKED] == []
    report = read_once.sync(platform, at=START, tasks=read_once.requested(platform, FIRST_DAY, START.date()))
    assert sum(outcome.changed_days for outcome in report.outcomes) == 0
    assert read_once.fingerprint() == before


def test_an_account_without_any_delivery_is_complete_and_empty(
    world: World, platform: str, first_read: Ingestion
) -> None:
    (empty,) = [a for a in accounts_of(world) if a.platform == platform and f"(new, {platform})" in a.name]
    assert first_read.health(empty.account_id)["status"] == "ok"
    days, complete = first_read.rows(
        "select count(distinct date_day), bool_and(complete) from ops.load_ledger "
        "where account_id = %s and report = %s",
        empty.account_id,
        PLATFORMS[platform].definition.proved_level.name,
    )[0]
    assert (days, complete) == (DAYS, True)
    assert [key for key in first_read.loaded_days(platform) if key[0] == empty.account_id] == []


def test_a_closed_account_is_never_late_and_never_failing(world: World, platform: str, first_read: Ingestion) -> None:
    (closed,) = [a for a in accounts_of(world) if a.platform == platform and f"(old, {platform})" in a.name]
    assert closed.active_to is not None
    states = dict(
        first_read.rows(
            "select state, count(*) from analytics.account_day_state where account_id = %s group by state",
            closed.account_id,
        )
    )
    assert "held" not in states
    newest = first_read.value(
        "select max(date_day) from ops.load_ledger where account_id = %s and complete", closed.account_id
    )
    assert newest is None or newest <= closed.active_to


class Interrupted(httpx.HTTPTransport):
    """Real HTTP that is gone after so many requests."""

    def __init__(self, requests: int) -> None:
        super().__init__()
        self.left = requests

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.left -= 1
        if self.left < 0:
            raise httpx.ConnectError("the network is gone")
        return super().handle_request(request)


def _interruptions(unread: Ingestion, platform: str, account: str) -> Iterator[int]:
    """Numbers of requests after which a read is cut: each one of a whole read, by tens where it has very many."""
    calls = unread.health(account)["last_calls"]
    yield from range(0, calls, max(1, calls // 12))


def test_a_read_that_was_cut_anywhere_is_whole_after_the_next_one(
    ad_world: AdWorld, world: World, platform: str, first_read: Ingestion, make_database: MakeDatabase
) -> None:
    account = _accounts(world, platform)[0]
    truth = {
        key: figures for key, figures in _truth(ad_world, world, platform, as_of=START).items() if key[0] == account
    }  # type: ignore[index]
    cuts = list(_interruptions(first_read, platform, account))
    assert len(cuts) >= 4
    ingestion = ingestion_of(ad_world, make_database(None))
    ingestion.load_clients()
    for requests in cuts:
        tasks = [task for task in ingestion.due(platform, START) if task.account.account_id == account]
        with httpx.Client(transport=Interrupted(requests), timeout=30) as http:
            ingestion.sync(platform, at=START, tasks=tasks, http=http)
        loaded = {key: figures for key, figures in ingestion.loaded_days(platform).items() if key[0] == account}
        assert loaded.items() <= truth.items(), "what stands in raw is right, or it is not there"
    ingestion.sync(
        platform, at=START, tasks=[t for t in ingestion.due(platform, START) if t.account.account_id == account]
    )
    loaded = {key: figures for key, figures in ingestion.loaded_days(platform).items() if key[0] == account}
    assert loaded == truth


def test_a_state_from_the_future_hides_no_day_of_the_present(
    ad_world: AdWorld, world: World, platform: str, read_once: Ingestion
) -> None:
    """A clock that was set wrong once left entries of days that have not come and readings that have not been."""
    account = _accounts(world, platform)[0]
    future = START + timedelta(days=400)
    read_once.run(
        """insert into ops.load_ledger (platform, account_id, report, date_day, version, content_hash, row_count,
            totals, control_totals, complete, read_at, fetched_at, verified_at, run_id, fence)
        select platform, account_id, report, date_day + 400, 1, 'x', 1, '{}', '{}', true, %s, %s, %s, run_id, fence
        from ops.load_ledger where account_id = %s""",
        future, future, future, account,
    )  # fmt: skip
    tomorrow = START + timedelta(days=1)
    tasks = [task for task in read_once.due(platform, tomorrow) if task.account.account_id == account]
    assert tasks
    assert max(tasks[0].days) <= tomorrow.date()


def test_an_unknown_account_fails_alone_with_a_next_step_and_its_hole_stands_in_the_ledger(
    ad_world: AdWorld, world: World, platform: str, unread: Ingestion, tmp_path: Path
) -> None:
    client = next(a.client_id for a in accounts_of(world) if a.account_id == _accounts(world, platform)[0])
    file = yaml.safe_load((ad_world.directory / "clients" / f"{client}.yaml").read_text(encoding="utf-8"))
    own = next(account for account in file["accounts"] if account["platform"] == platform)
    known, unknown = own["account_id"], own["account_id"][:-4] + "0000"
    stranger = own | {"account_id": unknown, "active_from": START.date() - timedelta(days=5)}
    file["accounts"] = [own | {"active_from": START.date() - timedelta(days=5)}, stranger]
    (tmp_path / f"{client}.yaml").write_text(yaml.safe_dump(file), encoding="utf-8")
    ingestion = ingestion_of(ad_world, unread.url, clients_dir=tmp_path)
    ingestion.run("truncate raw_registry.client, raw_registry.account cascade")
    ingestion.load_clients()
    outcomes = {outcome.account.account_id: outcome for outcome in ingestion.sync(platform, at=START).outcomes}
    assert outcomes[known].loaded
    problem = outcomes[unknown].problem
    assert problem is not None
    assert problem.next_step
    holes = ingestion.rows(
        "select distinct complete, problem is not null from ops.load_ledger where account_id = %s", unknown
    )
    assert holes == [(False, True)]


def test_one_failing_account_changes_nothing_for_the_others_and_its_hole_closes_by_itself(
    ad_world: AdWorld, world: World, platform: str, unread: Ingestion
) -> None:
    victim, *others = _accounts(world, platform)[:3]
    tasks = [task for task in unread.due(platform, START) if task.account.account_id in (victim, *others)]
    ad_world.fault(platform, victim, "error", status=500)
    unread.sync(platform, at=START, tasks=tasks)
    truth = _truth(ad_world, world, platform, as_of=START)
    assert unread.loaded_days(platform) == {key: figures for key, figures in truth.items() if key[0] in others}  # type: ignore[index]
    # Snapshots are holes of today, which is no day of a required report.
    holes = (
        "select count(distinct date_day) from ops.load_ledger where account_id = %s and report = any(%s) "
        "and not complete"
    )
    required = [report.name for report in PLATFORMS[platform].definition.reports if report.required]
    assert unread.value(holes, victim, required) == DAYS
    ad_world.clear_faults()
    later = START + timedelta(hours=1)
    unread.sync(platform, at=later, tasks=[t for t in unread.due(platform, later) if t.account.account_id == victim])
    assert unread.value(holes, victim, required) == 0
    loaded = {key: figures for key, figures in unread.loaded_days(platform).items() if key[0] == victim}
    assert loaded == {key: figures for key, figures in truth.items() if key[0] == victim}  # type: ignore[index]


@pytest.mark.parametrize(("key", "value"), [("currency", "CHF"), ("timezone", "Pacific/Auckland")])
def test_a_client_file_that_disagrees_with_the_platform_loads_nothing_and_says_what_to_correct(
    ad_world: AdWorld, world: World, platform: str, unread: Ingestion, tmp_path: Path, key: str, value: str
) -> None:
    definition = PLATFORMS[platform].definition
    if getattr(definition, f"{key}_path") is None:
        pytest.skip(f"{platform} tells no {key} of an account: there is nothing to disagree with")
    client = next(a.client_id for a in accounts_of(world) if a.account_id == _accounts(world, platform)[0])
    file = yaml.safe_load((ad_world.directory / "clients" / f"{client}.yaml").read_text(encoding="utf-8"))
    file["accounts"] = [account | {key: value} for account in file["accounts"] if account["platform"] == platform]
    (tmp_path / f"{client}.yaml").write_text(yaml.safe_dump(file), encoding="utf-8")
    ingestion = ingestion_of(ad_world, unread.url, clients_dir=tmp_path)
    ingestion.run("truncate raw_registry.client, raw_registry.account cascade")
    ingestion.load_clients()
    (outcome, *_) = ingestion.sync(platform, at=START).outcomes
    assert outcome.problem is not None
    assert f"accounts.{key} in clients/{client}.yaml" in outcome.problem.next_step
    assert ingestion.value(f"select count(*) from raw_{platform}.{PROVED_TABLES[platform]}") == 0


def test_deletions_are_noticed_and_what_was_loaded_stays(platform: str, read_once: Ingestion) -> None:
    """An object that the list no longer shows is marked with the instant, and unmarked when it is back."""
    definition = PLATFORMS[platform].definition
    entity = next(e for e in definition.entities if isinstance(e, Entity) and e.listed_whole and e.id_column)
    account = read_once.value(f"select account_id from {definition.raw_schema}.{entity.table} limit 1")
    read_once.run(
        f"""insert into {definition.raw_schema}.{entity.table} (account_id, {entity.id_column}, _version, _valid_from,
            _run_id) values (%s, '1', 1, %s, 'r')""",
        account, START,
    )  # fmt: skip
    later = START + timedelta(days=1)
    tasks = [task for task in read_once.due(platform, later) if task.account.account_id == account]
    read_once.sync(platform, at=later, tasks=tasks)
    marked = (
        f"select {entity.id_column}, _unlisted_since from {definition.raw_schema}.{entity.table} where account_id = %s"
    )
    unlisted = {name: since for name, since in read_once.rows(marked, account) if since is not None}
    assert unlisted["1"] == later
    assert (
        read_once.value(f"select count(*) from {definition.raw_schema}.{entity.table} where {entity.id_column} = '1'")
        == 1
    )


def test_two_incremental_reads_follow_what_the_platform_restates(
    ad_world: AdWorld, world: World, platform: str, read_once: Ingestion
) -> None:
    """Last in the file, since it moves the clock of the world that all tests share."""
    for days in (1, 4):
        instant = START + timedelta(days=days)
        if ad_world.now() < instant:
            ad_world.advance((instant - ad_world.now()).total_seconds() / 86_400)
        read_once.sync(platform, at=ad_world.now())
        assert read_once.loaded_days(platform) == _truth(ad_world, world, platform, as_of=ad_world.now())
