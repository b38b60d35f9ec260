#!/bin/sh
# Makes a backup of what cannot be made again: Postgres, and the tombstones of erased people. Never the secrets: keep
# those somewhere else (deploy/make_secrets.sh). Restoring is tried with every change of the product; try yours.
#
#   deploy/backup.sh FOLDER [--keep NUMBER]     a new folder below FOLDER; with --keep the oldest go
#   deploy/backup.sh FOLDER --tombstones        the tombstones alone: cheap enough for every few minutes
#
# It asks the containers of deploy/docker-compose.yml. Elsewhere say how Postgres's tools and manage.py are run:
#   IN_POSTGRES="env PGHOST=db.example PGUSER=customerops PGDATABASE=customerops" MANAGE="python manage.py"
set -eu
umask 077

usage() { sed -n 's/^#   //p' "$0" >&2; exit 2; }
[ $# -ge 1 ] || usage
folder=$1 keep=0 only=
shift
while [ $# -gt 0 ]; do
    case $1 in
        --keep) [ $# -ge 2 ] && [ "$2" -ge 1 ] || usage; keep=$2; shift 2 ;;
        --tombstones) only=tombstones; shift ;;
        *) usage ;;
    esac
done

compose="$(dirname "$0")/docker-compose.yml"
in_postgres() {
    if [ -n "${IN_POSTGRES-}" ]; then $IN_POSTGRES "$@"; else docker compose --file "$compose" exec -T postgres "$@"; fi
}
manage() {
    if [ -n "${MANAGE-}" ]; then $MANAGE "$@"; else docker compose --file "$compose" run --rm -T --no-deps api "$@"; fi
}

# Only added to: a Postgres and a Redis that lost their tombstones do not take them from here.
mkdir -p "$folder"
touch "$folder/tombstones.jsonl"
manage tombstones > "$folder/tombstones.new"
sort -u "$folder/tombstones.jsonl" "$folder/tombstones.new" > "$folder/tombstones.all"
mv "$folder/tombstones.all" "$folder/tombstones.jsonl"
rm "$folder/tombstones.new"
[ -z "$only" ] || exit 0

name=customerops-$(date -u +%Y%m%dT%H%M%SZ)
partial=$folder/$name.partial
trap 'rm -rf "$partial"' EXIT
mkdir "$partial"
manage inventory > "$partial/inventory.json"
in_postgres pg_dump --format=custom --no-owner --no-privileges > "$partial/database.dump"
in_postgres pg_restore --list < "$partial/database.dump" > "$partial/contents.txt"
(cd "$partial" && sha256sum inventory.json database.dump contents.txt > SHA256SUMS)
sync
mv "$partial" "$folder/$name" # whatever has this name is whole
echo "$folder/$name"

[ "$keep" -gt 0 ] || exit 0
ls "$folder" | grep -E '^customerops-[0-9]{8}T[0-9]{6}Z$' | sort -r | tail -n "+$((keep + 1))" | while read -r old; do
    rm -r "${folder:?}/$old"
    echo "removed $old" >&2
done
