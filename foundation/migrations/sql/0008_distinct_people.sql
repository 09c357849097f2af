-- People counted once each: a number like any other, but adding two of them counts some people twice.
create domain public.distinct_people as bigint;
comment on domain public.distinct_people is
    'Different people of one object and period. sum() refuses it; cast to bigint for the number without the guard.';
create function public.refuse_to_sum_people(total bigint, people public.distinct_people)
returns bigint language plpgsql immutable parallel safe as $$
begin
    raise exception 'reach cannot be summed: each row counts its own people once, a sum would count some of them twice'
    using
        errcode = 'feature_not_supported',
        hint = 'Read the one row of the level, object and period that you ask for. reach::bigint lifts the guard.';
end;
$$;
-- In public, which is on the default search path: an exact match of the type wins over pg_catalog.sum(bigint).
create aggregate public.sum(public.distinct_people) (
    sfunc = public.refuse_to_sum_people, stype = bigint, parallel = safe
);
comment on aggregate public.sum(public.distinct_people) is 'Always fails: reach is not additive.';
