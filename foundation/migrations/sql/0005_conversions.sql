-- What each client calls a purchase, a lead and so on, out of the section `conversions` of its file.
create table raw_registry.conversion_rule (
    client_id text not null references raw_registry.client,
    platform text not null,
    rule_no int not null,
    family text not null,
    tier int not null,
    event text not null,
    event_pattern text not null,
    is_pattern boolean not null,
    active_from date not null,
    active_to date,
    counts boolean not null,
    sets_headline boolean not null,
    loaded_at timestamptz not null,
    primary key (client_id, platform, rule_no, tier, event)
);
comment on table raw_registry.conversion_rule is
    'Events that a client counts to a conversion family, from active_from to active_to (inclusive, null = open). They
replace the product''s defaults (analytics_build.conversion_defaults) of that platform and family on those days.';
comment on column raw_registry.conversion_rule.tier is
    'Of several events of a family that tell of the same conversion, those of the lowest tier present count.';
comment on column raw_registry.conversion_rule.event is
    'Name or id of the event as the file gives it; * stands for any characters; empty: the family has no events.';
comment on column raw_registry.conversion_rule.event_pattern is 'The event as a pattern of LIKE.';
comment on column raw_registry.conversion_rule.counts is 'Whether the family is part of the headline `conversions`.';
comment on column raw_registry.conversion_rule.sets_headline is
    'The file says `counts`: on Google Ads and LinkedIn the headline then follows the rules, not the platform''s own total.';
