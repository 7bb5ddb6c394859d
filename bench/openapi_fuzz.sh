#!/usr/bin/env bash
# Asks a running server everything that its OpenAPI document allows, and much that it does not (schemathesis, not among
# Arshif's own requirements: pip install schemathesis). No answer may be a 5xx or other than the document says.
#
#     arshif serve & bench/openapi_fuzz.sh http://127.0.0.1:8000 [MORE OPTIONS OF SCHEMATHESIS]
set -euo pipefail
address=${1:?usage: bench/openapi_fuzz.sh ADDRESS [OPTIONS]}
exec schemathesis run "$address/api/v1/openapi.json" --url "$address/api/v1" --max-examples 100 \
    --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance "${@:2}"
