"""LinkedIn's Marketing API surface: token endpoint, finders below /rest, adAnalytics, query tunnelling."""

import asyncio
from collections.abc import Iterator
from datetime import date
from itertools import count
from typing import Any
from urllib.parse import unquote

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox import faults
from sandbox.faults import Fault
from sandbox.state import Reading, Sandbox
from sandbox.wire import linkedin_errors, linkedin_lists, linkedin_objects
from sandbox.wire.lifecycle import exists
from sandbox.wire.linkedin_analytics import (
    MOST_ELEMENTS,
    SPLITS,
    AnalyticsQuery,
    Element,
    elements,
    parse,
)
from sandbox.wire.linkedin_auth import LinkedInAuth, TokenRefused
from sandbox.wire.linkedin_errors import LinkedInError
from sandbox.wire.linkedin_lists import Question, Wire
from sandbox.wire.linkedin_metrics import Setting, moves, values
from sandbox.wire.linkedin_objects import GEO_OF_COUNTRY, organization_of, share_of, urn
from sandbox.wire.linkedin_restli import RestliSyntaxError, parse_query, words
from sandbox.world.breakdowns import split
from sandbox.world.creatives import conversion_actions_of, creative_of
from sandbox.world.figures import FigureTable, local_day
from sandbox.world.model import Account, FigureRow
from sandbox.world.randomness import entity_key
from sandbox.world.world import accounts_of

# Longer addresses are refused by gateways; the official client changes to tunnelling at half of it.
LONGEST_QUERY = 8_000
# A fault that throttles for longer than this uses up the day's limit.
_SHORT_THROTTLE_SECONDS = 300.0
_served = count(1)
# Values that fewer than so many members caused are dropped, and only the greatest hundred are kept.
_FEWEST_EVENTS, _MOST_VALUES = 3, 100
_BELOW_ACCOUNT = ("adCampaignGroups", "adCampaigns", "creatives")


class LinkedInApi:
    """Routes under /linkedin. Access tokens live in this process."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._auth = LinkedInAuth(sandbox)
        self._accounts = {a.account_id: a for a in accounts_of(sandbox.source) if a.platform == "linkedin_ads"}
        self._account_of: dict[str, dict[str, Account]] = {"campaign": {}, "ad_group": {}, "ad": {}}
        for account in self._accounts.values():
            self._account_of["campaign"] |= {campaign.campaign_id: account for campaign in account.campaigns}
            self._account_of["ad_group"] |= {group.ad_group_id: account for group in account.ad_groups}
            self._account_of["ad"] |= {ad.ad_id: account for ad in account.ads}

    def routes(self) -> list[Route]:
        return [
            Route("/linkedin/oauth/v2/accessToken", self._token, methods=["POST"]),
            Route("/linkedin/oauth/v2/introspectToken", self._token, methods=["POST"]),
            Route("/linkedin/rest/{path:path}", self._serve, methods=["GET", "POST", "PUT", "DELETE"]),
        ]

    async def _token(self, request: Request) -> Response:
        try:
            introspects = request.url.path.endswith("introspectToken")
            return _json(await (self._auth.introspect(request) if introspects else self._auth.issue(request)))
        except TokenRefused as refused:
            return _json(refused.body, refused.status)

    async def _serve(self, request: Request) -> Response:
        try:
            credential = self._auth.credential(request)
            self._auth.check_version(request)
            query = await _query_of(request)
            legacy = request.headers.get("x-restli-protocol-version", "1.0.0") != "2.0.0"
            parameters = parse_query(query, legacy=legacy, lenient=self._sandbox.lenient)
            path = request.url.path
            parts = [unquote(part) for part in path.removeprefix("/linkedin/rest/").split("/") if part]
            question = Question(
                parts[-1] if parts else "", parameters, path.removeprefix("/linkedin"), self._sandbox.lenient
            )
            if parts == ["adAnalytics"]:
                return await self._analytics(question, credential)
            return await self._list(parts, question, credential, query)
        except RestliSyntaxError as error:
            refused = linkedin_errors.invalid_parameter(f"Invalid query parameters passed to request: {error}")
            return _json(refused.body, refused.status)
        except LinkedInError as error:
            return _json(error.body, error.status)

    async def _suffer(
        self, account: Account, level: str, since: date | None = None, until: date | None = None
    ) -> Fault | None:
        """Faults that concern the whole answer. Raises LinkedInError."""
        fault = self._sandbox.faults.take("linkedin_ads", account.account_id, level, since, until)
        if fault is None:
            return None
        if fault.kind == "hang":
            await asyncio.sleep(fault.seconds or faults.HANG_SECONDS)
            raise linkedin_errors.of_status(503)
        if fault.kind == "throttle":
            long = (fault.seconds or 0.0) > _SHORT_THROTTLE_SECONDS
            raise linkedin_errors.day_limit() if long else linkedin_errors.data_limit()
        if fault.kind == "error":
            raise linkedin_errors.of_status(fault.status)
        return fault

    async def _list(self, parts: list[str], question: Question, credential: str, query: str) -> Response:
        match parts:
            case ["adAccounts"]:
                mine = [a for a in self._accounts.values() if a.credential == credential]
                found = linkedin_lists.searched(question, [self._account_object(account) for account in mine])
                return _json(linkedin_lists.token_page(question, found))
            case ["adAccounts", account_id]:
                account, fault = await self._owned(account_id, credential)
                return _json(self._account_object(account), cut=_is_cut(fault))
            case ["adAccounts", account_id, resource] if resource in _BELOW_ACCOUNT:
                account, fault = await self._owned(account_id, credential)
                things = self._things(account, resource)
                finder = linkedin_lists.by_criteria if resource == "creatives" else linkedin_lists.searched
                return _json(linkedin_lists.token_page(question, finder(question, things)), cut=_is_cut(fault))
            case ["adAccounts", account_id, resource, object_id] if resource in _BELOW_ACCOUNT:
                account, fault = await self._owned(account_id, credential)
                for thing in self._things(account, resource):
                    if str(thing["id"]) == object_id:
                        return _json(thing, cut=_is_cut(fault))
                raise linkedin_errors.not_found(object_id)
            case ["adAccountUsers"]:
                question.finder("accounts", "authenticatedUser")
                question.permit({"q", "accounts", "start", "count"})
                return self._offset_list(
                    question, query, [linkedin_objects.user_object(a) for a in self._named(question, credential)]
                )
            case ["organizationAcls"]:
                question.finder("roleAssignee")
                names = dict.fromkeys(organization_of(a) for a in self._accounts.values() if a.credential == credential)
                roles = [{"organization": name, "role": "ADMINISTRATOR", "state": "APPROVED"} for name in names]
                return self._offset_list(question, query, roles)
            case ["conversions"]:
                question.finder("account")
                question.permit({"q", "account", "start", "count"})
                account, fault = await self._owned(_id_in(question, "account"), credential)
                actions = conversion_actions_of(account)
                things = [linkedin_objects.conversion_object(account, action) for action in actions]
                return self._offset_list(question, query, things, cut=_is_cut(fault))
            case ["posts"]:
                question.finder("dscAdAccount")
                question.permit({"q", "dscAdAccount", "dscAdTypes", "start", "count", "isDsc"})
                account, fault = await self._owned(_id_in(question, "dscAdAccount"), credential)
                return self._offset_list(question, query, self._posts(account, question), cut=_is_cut(fault))
            case _:
                raise linkedin_errors.no_such_resource("/".join(parts))

    def _offset_list(self, question: Question, query: str, things: list[Wire], *, cut: bool = False) -> Response:
        return _json(linkedin_lists.offset_page(question, things, query), cut=cut)

    def _account_object(self, account: Account) -> Wire:
        return linkedin_objects.account_object(account, local_day(account, self._sandbox.clock.now()))

    async def _owned(self, account_id: str, credential: str) -> tuple[Account, Fault | None]:
        """The account, if the credential's member has a role on it. Raises LinkedInError."""
        account = self._accounts.get(account_id)
        if account is None:
            raise linkedin_errors.not_found(urn("sponsoredAccount", account_id))
        if account.credential != credential:
            raise linkedin_errors.no_permission_on_account(account_id)
        return account, await self._suffer(account, faults.ENTITIES)

    def _named(self, question: Question, credential: str) -> list[Account]:
        """The accounts that a request names and the credential reaches; all of the latter where it names none."""
        mine = [account for account in self._accounts.values() if account.credential == credential]
        if "accounts" not in question.parameters:
            return mine
        value = question.parameters["accounts"]
        ids = {name.rpartition(":")[2] for name in (words(value) if isinstance(value, list) else [str(value)])}
        return [account for account in mine if account.account_id in ids]

    def _things(self, account: Account, resource: str) -> list[Wire]:
        """Everything that has been set up by now, in any status."""
        today = local_day(account, self._sandbox.clock.now())
        if resource == "adCampaignGroups":
            groups = [campaign for campaign in account.campaigns if exists(campaign.lifetime, today)]
            return [linkedin_objects.group_object(account, group, today) for group in groups]
        if resource == "adCampaigns":
            campaigns = [group for group in account.ad_groups if exists(group.lifetime, today)]
            return [linkedin_objects.campaign_object(account, campaign, today) for campaign in campaigns]
        ads = [ad for ad in account.ads if exists(ad.lifetime, today)]
        return [linkedin_objects.creative_object(account, ad, today) for ad in ads]

    def _posts(self, account: Account, question: Question) -> list[Wire]:
        today = local_day(account, self._sandbox.clock.now())
        ads = [ad for ad in account.ads if exists(ad.lifetime, today) and not linkedin_objects.is_text_ad(ad)]
        posts = {post["id"]: post for ad in ads if (post := linkedin_objects.post_object(account, ad, today))}
        kinds = words(question.parameters["dscAdTypes"]) if "dscAdTypes" in question.parameters else None
        return [post for post in posts.values() if kinds is None or post["adContext"]["dscAdType"] in kinds]

    async def _analytics(self, question: Question, credential: str) -> Response:
        """Accounts that the credential may not read contribute nothing, without an error."""
        query = parse(
            question.parameters, self._sandbox.clock.now().date(), lenient=question.lenient,
            enforces_retention=self._sandbox.source.enforces_retention,
        )  # fmt: skip
        found: list[Wire] = []
        cut = False
        for account in self._asked(query):
            if account.credential != credential or query.since > query.until:
                continue
            fault = await self._suffer(account, query.level, query.since, query.until)
            cut = cut or _is_cut(fault)
            found += self._elements(account, query, fault)
        paging = {"start": 0, "count": 10, "links": []}
        return _json({"paging": paging, "elements": found[:MOST_ELEMENTS]}, cut=cut)

    def _asked(self, query: AnalyticsQuery) -> list[Account]:
        """The accounts that the facets lead to, all facets agreeing."""
        asked: set[str] | None = None
        for level, ids in query.facets.items():
            if level == "account":
                own = {account_id for account_id in ids if account_id in self._accounts}
            else:
                own = {account.account_id for i in ids if (account := self._account_of[level].get(i))}
            asked = own if asked is None else asked & own
        return [self._accounts[account_id] for account_id in sorted(asked or ())]

    def _elements(self, account: Account, query: AnalyticsQuery, fault: Fault | None) -> list[Wire]:
        if query.nothing:
            return []
        reading = self._sandbox.read(account, query.level, query.since, query.until, _narrowed(query), fault=fault)
        rows = reading.table.page(0, len(reading.table))
        self._sandbox.log(reading, rows=len(rows), spend=sum(row.spend for row in rows))
        found = elements(query, rows, _Places(reading, query).of)
        if query.demographic:
            found = _greatest(query, found)
        setting = Setting(account, self._sandbox.source.rates, query.demographic, query.days)
        answers = []
        for element in found:
            answer = values(element.row, query.fields, setting)
            if moves(answer):
                answers.append(_rendered(element, query, answer))
        return answers


class _Places:
    """Splits rows of one reading by the pivots of a query."""

    def __init__(self, reading: Reading, query: AnalyticsQuery) -> None:
        self._account, self._query, self._as_of = reading.account, query, reading.as_of
        self._today = local_day(reading.account, reading.as_of)
        self._actions = {action.name: action.action_id for action in conversion_actions_of(reading.account)}

    def of(self, row: FigureRow) -> Iterator[tuple[tuple[str, ...], FigureRow]]:
        """(values of the pivots, figures) of a row: one entry unless a pivot splits it."""
        dimension = next((SPLITS[pivot] for pivot in self._query.pivots if pivot in SPLITS), None)
        parts: list[tuple[str, FigureRow]] = [("", row)]
        if dimension is not None:
            parts = split(self._account, row, dimension, self._as_of)
        for value, part in parts:
            yield tuple(self._value(pivot, value, row) for pivot in self._query.pivots), part

    def _value(self, pivot: str, value: str, row: FigureRow) -> str:
        match pivot:
            case "ACCOUNT":
                return urn("sponsoredAccount", self._account.account_id)
            case "COMPANY":
                return organization_of(self._account)
            case "CAMPAIGN_GROUP":
                return urn("sponsoredCampaignGroup", row.campaign_id)
            case "CAMPAIGN":
                return urn("sponsoredCampaign", row.ad_group_id)
            case "CREATIVE":
                return urn("sponsoredCreative", row.ad_id)
            case "SHARE":
                ad = self._account.ad_by_place[row.ad_group_id, row.ad_id]
                return share_of(ad, creative_of(ad, self._today))
            case "CONVERSION":
                return f"urn:lla:llaPartnerConversion:{self._actions[value]}"
            case "MEMBER_COUNTRY_V2":
                return urn("geo", GEO_OF_COUNTRY.get(value, 92_000_000))
            case "MEMBER_REGION_V2":
                return urn("geo", 90_000_000 + entity_key("region", value) % 999_999)
            case _:
                return value


def _narrowed(query: AnalyticsQuery) -> Any:
    """What of an account's rows the facets below the account leave."""
    wanted = {level: ids for level, ids in query.facets.items() if level != "account"}
    names = {"campaign": "campaign_id", "ad_group": "ad_group_id", "ad": "ad_id"}

    def narrow(table: FigureTable) -> FigureTable:
        for level, ids in wanted.items():
            table = table.where(lambda row, name=names[level], ids=ids: getattr(row, name) in ids)  # type: ignore[misc]
        return table

    return narrow


def _greatest(query: AnalyticsQuery, found: list[Element]) -> list[Element]:
    """Members' privacy: values of few events are dropped, and all but the hundred greatest of an object and period."""
    place = next(place for place, pivot in enumerate(query.pivots) if pivot in SPLITS)
    own: dict[tuple[Any, ...], list[Element]] = {}
    for element in found:
        if element.row.impressions >= _FEWEST_EVENTS:
            thing = element.pivots[:place] + element.pivots[place + 1 :]
            own.setdefault((element.since, thing), []).append(element)
    return [
        element
        for those in own.values()
        for element in sorted(those, key=lambda each: -each.row.impressions)[:_MOST_VALUES]
    ]


def _rendered(element: Element, query: AnalyticsQuery, answer: Wire) -> Wire:
    if "dateRange" in query.fields:
        answer["dateRange"] = {"start": _wire_day(element.since), "end": _wire_day(element.until)}
    if "pivotValues" in query.fields:
        answer["pivotValues"] = list(element.pivots)
    if "pivot" in query.fields:
        answer["pivot"] = query.pivots[0]
    return answer


def _wire_day(day: date) -> dict[str, int]:
    return {"month": day.month, "day": day.day, "year": day.year}


def _id_in(question: Question, name: str) -> str:
    return linkedin_lists.required_word(question, name).rpartition(":")[2]


def _is_cut(fault: Fault | None) -> bool:
    return fault is not None and fault.kind == "truncate"


async def _query_of(request: Request) -> str:
    """The query, from the address or, tunnelled, from the body of a POST. Raises LinkedInError."""
    query = request.url.query
    if len(query) > LONGEST_QUERY:
        raise linkedin_errors.address_too_long()
    if request.method == "GET":
        return query
    if request.method != "POST" or request.headers.get("x-http-method-override", "").upper() != "GET":
        raise linkedin_errors.method_not_allowed(request.method)
    if "content-length" not in request.headers and "transfer-encoding" not in request.headers:
        raise linkedin_errors.length_required()
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise linkedin_errors.invalid_parameter("A tunnelled query is application/x-www-form-urlencoded")
    body = (await request.body()).decode("utf-8", "replace")
    return "&".join(filter(None, (query, body)))


def _json(body: Any, status: int = 200, *, cut: bool = False) -> Response:
    content = orjson.dumps(body)
    served = f"AAY{next(_served):019d}=="
    headers = {"x-li-uuid": served, "x-li-fabric": "prod-lva1", "x-li-request-id": served}
    return Response(content[: len(content) * 2 // 3] if cut else content, status, headers, "application/json")
