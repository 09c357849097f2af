create table raw_meta_ads.ad_daily (
    account_id text, date_day date, campaign_id text, adset_id text, ad_id text, account_currency text,
    impressions bigint, clicks bigint, inline_link_clicks bigint, spend numeric(20, 6), actions jsonb,
    action_values jsonb, attribution_setting text, unique (account_id, date_day, ad_id)
);
create table raw_meta_ads.campaign_daily (
    account_id text, date_day date, campaign_id text, account_currency text, impressions bigint, clicks bigint,
    inline_link_clicks bigint, spend numeric(20, 6), actions jsonb, action_values jsonb,
    unique (account_id, date_day, campaign_id)
);
create table raw_meta_ads.accounts (
    account_id text unique, name text, account_status text, currency text, timezone_name text
);
create table raw_meta_ads.campaigns (
    account_id text, campaign_id text, name text, objective text, status text, effective_status text,
    daily_budget text, lifetime_budget text, start_time text, stop_time text, unique (account_id, campaign_id)
);
create table raw_meta_ads.ad_sets (
    account_id text, campaign_id text, adset_id text, name text, status text, effective_status text,
    optimization_goal text, unique (account_id, adset_id)
);
create table raw_meta_ads.ads (
    account_id text, campaign_id text, adset_id text, ad_id text, name text, status text, effective_status text,
    creative_id text, unique (account_id, ad_id)
);
create table raw_google_ads.ad_daily (
    account_id text, date_day date, campaign_id text, ad_group_id text, ad_id text, impressions bigint, clicks bigint,
    cost_micros bigint, conversions numeric, conversions_value numeric, all_conversions numeric,
    unique (account_id, date_day, ad_group_id, ad_id)
);
create table raw_google_ads.campaign_daily (
    account_id text, date_day date, campaign_id text, advertising_channel_type text, impressions bigint, clicks bigint,
    cost_micros bigint, conversions numeric, conversions_value numeric, all_conversions numeric,
    unique (account_id, date_day, campaign_id)
);
create table raw_google_ads.accounts (
    account_id text unique, descriptive_name text, currency_code text, time_zone text, status text
);
create table raw_google_ads.campaigns (
    account_id text, campaign_id text, name text, status text, advertising_channel_type text,
    advertising_channel_sub_type text, start_date_time text, end_date_time text, budget_amount_micros bigint,
    unique (account_id, campaign_id)
);
create table raw_google_ads.ad_groups (
    account_id text, campaign_id text, ad_group_id text, name text, status text, type text,
    unique (account_id, ad_group_id)
);
create table raw_google_ads.ads (
    account_id text, campaign_id text, ad_group_id text, ad_id text, name text, type text, status text,
    unique (account_id, ad_group_id, ad_id)
);
create schema if not exists raw_instagram;
create table raw_instagram.account_daily (
    account_id text, date_day date, absent_metrics jsonb, reach numeric, views bigint, accounts_engaged numeric,
    total_interactions bigint, likes bigint, comments bigint, shares bigint, saves bigint, replies bigint,
    reposts bigint, follows_and_unfollows bigint, profile_links_taps bigint, unique (account_id, date_day)
);
create table raw_instagram.account_breakdown_daily (
    account_id text, date_day date, metric text, dimension text, dimension_value text, value bigint,
    unique (account_id, date_day, metric, dimension, dimension_value)
);
create table raw_instagram.profile_daily (
    account_id text, date_day date, followers_count bigint, follows_count bigint, media_count bigint,
    unique (account_id, date_day)
);
create table raw_instagram.media_insights (
    account_id text, date_day date, media_id text, media_product_type text, media_type text, published_at timestamptz,
    reach numeric, views bigint, likes bigint, comments bigint, shares bigint, saved bigint, total_interactions bigint,
    follows bigint, profile_visits bigint, profile_activity bigint, reposts bigint, avg_watch_time_ms bigint,
    total_watch_time_ms bigint, skip_rate numeric, unique (account_id, date_day, media_id)
);
create table raw_instagram.story_insights (
    account_id text, date_day date, media_id text, media_type text, published_at timestamptz, reach numeric,
    views bigint, replies bigint, shares bigint, follows bigint, profile_visits bigint, profile_activity bigint,
    total_interactions bigint, taps_forward bigint, taps_back bigint, exits bigint, swipes_forward bigint,
    unique (account_id, date_day, media_id)
);
create table raw_instagram.accounts (
    account_id text unique, name text, username text, ig_id text, biography text, website text
);
create table raw_instagram.media (
    account_id text, media_id text, ig_id text, media_type text, media_product_type text, caption text, permalink text,
    shortcode text, published_at timestamptz, _unlisted_since timestamptz, unique (account_id, media_id)
);
create table raw_instagram.stories (
    account_id text, media_id text, ig_id text, media_type text, media_product_type text, caption text, permalink text,
    shortcode text, published_at timestamptz, _unlisted_since timestamptz, unique (account_id, media_id)
);
insert into ops.platform_rule values ('meta_ads', 28, 3, 'account'), ('google_ads', 30, 3, 'account');
insert into ops.report_definition values
('meta_ads', 'ad_daily', 'ad', true),
('meta_ads', 'campaign_daily', 'campaign', true),
('meta_ads', 'account_daily', 'account', true),
('google_ads', 'ad_daily', 'ad', true),
('google_ads', 'campaign_daily', 'campaign', true),
('google_ads', 'account_daily', 'account', true);
