#!/bin/sh
# Makes the secrets that deploy/docker-compose.yml mounts, once: what is there already is never changed.
#
#   deploy/make_secrets.sh [FOLDER]      default: deploy/secrets
#
# Keep a copy of the folder apart from the database and its backups. Without contact_keys nobody's contact details
# can be read again; without subject_keys erased people can come back.
set -eu
umask 077
folder=${1:-$(dirname "$0")/secrets}
mkdir -p "$folder"

random() { head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '\n'; }
password() { random | tr -d '=_-'; }

# Containers read these as users of their own; the folder, which they do not see, keeps others on this machine out.
write() {
    [ -e "$folder/$1" ] && return
    cat > "$folder/$1.new"
    chmod 444 "$folder/$1.new"
    mv "$folder/$1.new" "$folder/$1"
    echo "made $folder/$1"
}

printf '%s%s\n' "$(random)" "$(random)" | write secret_key
printf '' | write secret_key_fallbacks # earlier ones, comma-separated, once secret_key is another
printf '%s\n' "$(random)" | write contact_keys # a Fernet key: 32 bytes in URL-safe base64
printf '%s%s\n' "$(random)" "$(random)" | write subject_keys
printf '%s\n' "$(password)" | write postgres_password
printf 'postgres://customerops:%s@postgres:5432/customerops\n' "$(cat "$folder/postgres_password")" | write database_url
printf 'requirepass %s\n' "$(password)" | write redis.conf
printf 'redis://:%s@redis:6379/0\n' "$(cut -d ' ' -f 2 "$folder/redis.conf")" | write redis_url
printf '%s\n' "$(password)" | write grafana_password
# Empty: no e-mail is sent until it names a server, such as smtp+tls://user:password@mail.example:587
printf '' | write email_url
