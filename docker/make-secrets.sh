#!/bin/sh
# Makes the secret files that compose.yaml mounts, with random passwords. Keeps every file that exists already.
#   docker/make-secrets.sh [directory]
set -eu

directory="${1:-$(dirname "$0")/secrets}"
mkdir -p "$directory/credentials"
# The directory keeps other users of the host out; the files must be readable for the containers' users.
chmod 0700 "$directory"
umask 022

random() {
    LC_ALL=C tr -dc 'A-Za-z0-9' </dev/urandom | head -c 40
}

keep_or_make() {
    if [ ! -e "$directory/$1" ]; then
        printf '%s\n' "$2" >"$directory/$1"
    fi
}

for name in postgres_password warehouse_password dagster_password bi_password; do
    keep_or_make "$name" "$(random)"
done
# Empty until there is a Slack app: messages wait in the outbox.
keep_or_make slack_bot_token ""

if [ ! -e "$directory/s3_credentials" ]; then
    access_key="$(random | head -c 20)"
    secret_key="$(random)"
    keep_or_make s3_credentials "[default]
aws_access_key_id = $access_key
aws_secret_access_key = $secret_key"
    keep_or_make s3_identities "{\"identities\": [{\"name\": \"platform\", \"actions\": [\"Admin\"], \"credentials\": [{\"accessKey\": \"$access_key\", \"secretKey\": \"$secret_key\"}]}]}"
fi

if [ ! -e "$directory/ui_users" ]; then
    echo "Still to make: $directory/ui_users, one line a user: NAME HASH, with the hash printed by"
    echo "  docker run --rm --interactive --tty caddy:2.10-alpine caddy hash-password"
fi
