"""Highlighting: what of a text matches a query (`marker`), which words can be skipped (`prefilter`), and the passages
shown (`snippets`)."""
