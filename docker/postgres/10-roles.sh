#!/bin/sh
# Runs once, when the cluster is made. Creates databases and roles with no more rights than each one needs:
#   mdp         owns the warehouse; may create databases, since a backup is verified by restoring it into a new one
#   dagster     owns Dagster's storage and cannot connect to the warehouse
#   mdp_bi      logs in for analysts and BI tools; reads through mdp_reader: analytics and ad_reporting, nothing else
# Passwords come from files and reach psql as variables on standard input, never as arguments.
set -eu

secrets="${MDP_SECRETS_DIR:-/run/secrets}"

quoted() {
    # A password as an SQL literal: quotes doubled.
    printf "'%s'" "$(sed "s/'/''/g" "$secrets/$1")"
}

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --dbname "${POSTGRES_DB:-postgres}" <<SQL
set password_encryption = 'scram-sha-256';
create role mdp login createdb password $(quoted warehouse_password);
create role dagster login password $(quoted dagster_password);
create role mdp_reader nologin;
create role mdp_bi login password $(quoted bi_password) in role mdp_reader;
alter role mdp_bi set default_transaction_read_only = on;
create database warehouse owner mdp;
create database dagster owner dagster;
revoke connect, temporary on database warehouse, dagster from public;
grant connect on database warehouse to mdp_bi;
\\connect warehouse
-- The platform keeps the number of its schema in public; nobody else creates there.
revoke all on schema public from public;
SQL
