#!/bin/sh
# Puts a backup in place of the database, and erases again who was erased since it was made.
#
#   deploy/restore.sh BACKUP [TOMBSTONES]     TOMBSTONES: tombstones.jsonl beside the backup, when it is there
#
# Stop the programs first. The backup is restored beside the database, and takes its name only when all of it is
# there; the old one is kept under another name. IN_POSTGRES and MANAGE are as in deploy/backup.sh.
set -eu

usage() { sed -n 's/^#   //p' "$0" >&2; exit 2; }
[ $# -ge 1 ] && [ $# -le 2 ] || usage
backup=${1%/}
tombstones=${2-$(dirname "$backup")/tombstones.jsonl}

compose="$(dirname "$0")/docker-compose.yml"
in_postgres() {
    if [ -n "${IN_POSTGRES-}" ]; then $IN_POSTGRES "$@"; else docker compose --file "$compose" exec -T postgres "$@"; fi
}
manage() {
    if [ -n "${MANAGE-}" ]; then $MANAGE "$@"; else docker compose --file "$compose" run --rm -T --no-deps api "$@"; fi
}
say() { echo "restore: $*" >&2; }
refuse() { say "$*"; exit 1; }

[ $# -eq 1 ] || [ -f "$tombstones" ] || refuse "there is no $tombstones"
(cd "$backup" && sha256sum --check --quiet SHA256SUMS) || refuse "$backup is not as it was made: nothing was changed"
manage inventory --keys --compare - < "$backup/inventory.json" \
    || refuse "put the keys of that time back first (the first of a list makes new ones, all are tried): nothing was changed"

name=$(in_postgres psql --no-psqlrc --tuples-only --no-align --command 'SELECT current_database()')
fresh=${name}_restored
before=${name}_before_$(date -u +%Y%m%d%H%M%S)
say "restoring into $fresh"
in_postgres dropdb --if-exists "$fresh"
in_postgres createdb --template template0 --encoding UTF8 "$fresh"
in_postgres pg_restore --dbname "$fresh" --exit-on-error --no-owner --no-privileges < "$backup/database.dump"
in_postgres vacuumdb --analyze-only --quiet "$fresh"

# Postgres refuses this while anybody is connected.
in_postgres psql --no-psqlrc --quiet --dbname postgres --set ON_ERROR_STOP=1 --single-transaction \
    --command "ALTER DATABASE \"$name\" RENAME TO \"$before\"" --command "ALTER DATABASE \"$fresh\" RENAME TO \"$name\"" \
    || refuse "stop the programs (docker compose stop api worker training beat dispatcher) and try again: $name was not changed"
say "$name is the backup now; what it was before is kept as $before"

manage migrate --no-input
if [ -f "$tombstones" ]; then
    manage erase_again --copy - < "$tombstones"
else
    say "no $tombstones: only what Redis and VAR_DIR remember of erased people is known"
    manage erase_again
fi
manage inventory --compare - < "$backup/inventory.json"
say "start the programs; once all is well: dropdb $before"
