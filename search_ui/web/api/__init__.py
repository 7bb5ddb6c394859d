"""The JSON API, `/api/v1/…`, and its OpenAPI document.

>>> client.get("/api/v1/search", query_string={"q": "مفاوضات", "limit": 3}).json["hits"]

`operations.py` lists what can be asked; the addresses, the reading of parameters, the document and its page are made
from that list. `schemas.py` says how answers look; the tests hold real answers against it.
"""

from search_ui.web.api.parameters import is_api_request, problem
from search_ui.web.api.views import Answered, api

__all__ = ["Answered", "api", "is_api_request", "problem"]
