-- Naming conventions and planned budgets as the client files hold them. Neither decides a published figure: a change of
-- them makes no new version of an account-day.
create table raw_registry.naming_convention (
    client_id text not null references raw_registry.client,
    convention int not null,
    level text not null check (level in ('campaign', 'ad_group', 'ad')),
    platform text,
    delimiter text not null,
    case_rule text not null check (case_rule in ('as_listed', 'lower', 'upper', 'any')),
    parts int not null,
    parts_required int not null,
    loaded_at timestamptz not null,
    primary key (client_id, convention)
);
comment on table raw_registry.naming_convention is
    'How names of a level are put together, in the order of the client file. platform null: every platform without a
convention of its own at this level. Several of one level and platform are alternatives.';
create table raw_registry.naming_part (
    client_id text not null,
    convention int not null,
    position int not null,
    part text not null,
    required boolean not null,
    prefix text,
    allowed text[],
    primary key (client_id, convention, position),
    foreign key (client_id, convention) references raw_registry.naming_convention on delete cascade
);
comment on table raw_registry.naming_part is
    'Parts of a convention from left to right. allowed: values, in which # stands for one digit; null: any value.';

create table raw_registry.budget (
    client_id text not null references raw_registry.client,
    budget int not null,
    amount numeric not null check (amount > 0),
    currency text not null,
    first_month date not null check (extract(day from first_month) = 1),
    last_month date check (extract(day from last_month) = 1),
    platform text,
    campaign_group text,
    campaign_ids text[] not null,
    name_patterns text[] not null,
    part text,
    part_values text[] not null,
    loaded_at timestamptz not null,
    primary key (client_id, budget)
);
comment on table raw_registry.budget is
    'Planned amount of each month from first_month to last_month (inclusive, null = open). platform null: all platforms;
campaign_group null: all campaigns, else those with one of the ids, a name like one of the patterns (SQL LIKE, any case),
or one of the values in this part of their name.';

-- Percent-decoding of one URL component. What is no UTF-8 stays as it stands: nothing is guessed, and no report fails.
create function ops.url_decoded(component text, plus_is_space boolean default false) returns text
language plpgsql immutable parallel safe strict set search_path = pg_catalog, pg_temp as
$$
declare
    spaced text := case when plus_is_space then replace(component, '+', ' ') else component end;
begin
    if position('%' in spaced) = 0 then
        return spaced;
    end if;
    return convert_from(
        (
            select string_agg(
                case when piece[1] ~ '^%[0-9A-Fa-f]{2}$' then decode(substr(piece[1], 2), 'hex')
                    else convert_to(piece[1], 'UTF8') end, ''::bytea order by place
            )
            from regexp_matches(spaced, '%[0-9A-Fa-f]{2}|%|[^%]+', 'g') with ordinality as pieces (piece, place)
        ),
        'UTF8'
    );
exception
    when character_not_in_repertoire or untranslatable_character then return spaced;
end
$$;
grant execute on function ops.url_decoded(text, boolean) to mdp_reader;
