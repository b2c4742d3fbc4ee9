#!/bin/sh
# Options or a configuration file alone mean pgbouncer.
set -eu

case "${1:-}" in
    -* | *.ini) set -- pgbouncer "$@" ;;
esac
exec "$@"
