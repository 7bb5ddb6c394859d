"""The search rules that both engines share: the reader that an engine brings, relaxation, paging, BM25."""
