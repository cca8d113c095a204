#!/bin/sh
# Makes the secrets that compose.yaml names, once: a file that is there stays as it is. Keep a copy of master_key apart from
# the database and its backups: without it the exchange keys in them cannot be opened.
set -eu
umask 077
folder="$(dirname "$0")/../secrets"
mkdir -p "$folder"
cd "$folder"

make_secret() {
  [ -s "$1" ] || openssl rand "$2" "$3" | tr -d '\n' > "$1"
}

# In hexadecimal where it becomes part of an address.
make_secret postgres_password -hex 24
make_secret redis_password -hex 24
make_secret master_key -base64 32
make_secret jwt_secret -base64 48
make_secret metrics_token -base64 48
[ -s database_url ] || printf 'postgresql://argosy:%s@postgres:5432/argosy' "$(cat postgres_password)" > database_url
[ -s redis_url ] || printf 'redis://:%s@redis:6379' "$(cat redis_password)" > redis_url
# Containers read them as users of their own; nobody else gets into the folder.
chmod 0444 ./*
chmod 0700 .
echo "secrets are in $(pwd)"
