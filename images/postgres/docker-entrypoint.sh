#!/bin/sh
# Options alone mean postgres, as in the official image; anything but postgres is run as it is.
set -eu

case "${1:-}" in
    "" | -*) set -- postgres "$@" ;;
esac
if [ "$1" = postgres ]; then
    if [ "$(id -u)" = 0 ]; then
        echo "postgres: refuses to run as root; run the container as 999:999" >&2
        exit 1
    fi
    initialise.sh
fi
exec "$@"
