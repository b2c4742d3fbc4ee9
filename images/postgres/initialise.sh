#!/bin/sh
# Makes the database cluster in $PGDATA once, so that being killed at any moment leaves a state that the next start
# recovers from.
#
# $PGDATA is a mount point and can't be renamed, so everything is made in a folder inside it and moved up, and the
# move of PG_VERSION comes last: with that file there is a complete cluster, without it there is none. The staging
# folder is created in an empty $PGDATA only; as long as it stands there without PG_VERSION, all that lies beside
# it is ours and half done.
set -eu
umask 077

staging="$PGDATA/.initialising"

fail() {
    echo "postgres: $1" >&2
    exit 1
}

# One SQL identifier, quoted.
identifier() {
    printf '"%s"' "$(printf %s "$1" | sed 's/"/""/g')"
}

if [ -e "$PGDATA/PG_VERSION" ]; then
    # Killed between the last move and the removal: what is left there is empty.
    rm -rf "$staging"
    exit 0
fi

[ -d "$PGDATA" ] && [ -w "$PGDATA" ] || fail "$PGDATA can't be written by uid $(id -u): mount a volume that belongs to 999:999"
if [ -d "$staging" ]; then
    echo "postgres: an earlier initialisation was interrupted; starting again" >&2
    find "$PGDATA" -mindepth 1 -maxdepth 1 ! -name .initialising ! -name lost+found -exec rm -rf {} +
    find "$staging" -mindepth 1 -maxdepth 1 -exec rm -rf {} +
elif [ -n "$(find "$PGDATA" -mindepth 1 -maxdepth 1 ! -name lost+found)" ]; then
    fail "$PGDATA is not empty and holds no PG_VERSION: not a cluster, and not ours to delete"
fi

user="${POSTGRES_USER:-postgres}"
database="${POSTGRES_DB:-$user}"
password_file="${POSTGRES_PASSWORD_FILE:-}"
[ -n "$password_file" ] || fail "POSTGRES_PASSWORD_FILE is not set: name the file that holds the password of $user"
[ -r "$password_file" ] || fail "POSTGRES_PASSWORD_FILE=$password_file can't be read by uid $(id -u)"
[ -s "$password_file" ] || fail "POSTGRES_PASSWORD_FILE=$password_file is empty"

mkdir -p "$staging"
chmod 0700 "$PGDATA"
initdb --pgdata="$staging/cluster" --username="$user" --pwfile="$password_file" --data-checksums \
    --encoding=UTF8 --locale=C.UTF-8 --auth-host=scram-sha-256 --auth-local=peer --no-instructions

cat >>"$staging/cluster/postgresql.conf" <<'CONF'
listen_addresses = '*'
password_encryption = 'scram-sha-256'
CONF
# Over the socket, which only this container sees, the operating system's user stands for the superuser.
cat >"$staging/cluster/pg_hba.conf" <<'CONF'
local all all peer map=superuser
host all all all scram-sha-256
host replication all all scram-sha-256
CONF
printf 'superuser postgres %s\n' "$(identifier "$user")" >"$staging/cluster/pg_ident.conf"

if [ "$database" != postgres ]; then
    printf 'CREATE DATABASE %s OWNER %s\n' "$(identifier "$database")" "$(identifier "$user")" |
        postgres --single -j -D "$staging/cluster" postgres >/dev/null
fi

find "$staging/cluster" -mindepth 1 -maxdepth 1 ! -name PG_VERSION -exec mv -t "$PGDATA" {} +
sync
mv "$staging/cluster/PG_VERSION" "$PGDATA/PG_VERSION"
sync
rm -rf "$staging"
echo "postgres: initialised; superuser $user, database $database"
