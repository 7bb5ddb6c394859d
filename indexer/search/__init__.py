"""The rules of search that both engines share: relaxation, paging, hits, BM25, names of facets."""
