#!/usr/bin/env bash
# Sends a running server what its OpenAPI document allows, and much that it does not (schemathesis, not among
# Arshif's own requirements: pip install schemathesis). No response may be a 5xx or differ from the document.
#
#     arshif serve & bench/openapi_fuzz.sh http://127.0.0.1:8000 [MORE OPTIONS OF SCHEMATHESIS]
#
# Schemathesis keeps the requests that failed in its working directory: a temporary one, so that nothing is left in
# the checkout. Paths among the options must therefore be absolute.
set -euo pipefail
address=${1:?usage: bench/openapi_fuzz.sh ADDRESS [OPTIONS]}
cd "$(mktemp -d)"
echo "failed requests are kept in $PWD" >&2
exec schemathesis run "$address/api/v1/openapi.json" --url "$address/api/v1" --max-examples 100 \
    --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance "${@:2}"
