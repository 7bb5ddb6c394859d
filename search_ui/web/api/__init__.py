"""The JSON API, `/api/v1/…`, and its OpenAPI document.

>>> client.get("/api/v1/search", query_string={"q": "مفاوضات", "limit": 3}).json["hits"]

`operations.py` lists the operations; routes, parameters, document and guide are made from that list. `openapi.py` has
the schemas of the responses; the tests validate real responses against them.
"""

from search_ui.web.api.views import ResponseCache, api, is_api_request, problem

__all__ = ["ResponseCache", "api", "is_api_request", "problem"]
