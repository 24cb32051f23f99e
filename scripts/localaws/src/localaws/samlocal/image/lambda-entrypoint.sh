#!/bin/sh
# As in AWS's image: one argument, the handler.
[ $# -eq 1 ] || { echo "entrypoint requires the handler name to be the first argument" >&2; exit 142; }
export _HANDLER="$1"
exec "$LAMBDA_RUNTIME_DIR/bootstrap"
