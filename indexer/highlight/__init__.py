"""Highlighting: what a query marks in a printed text (`marker`), and which passages are shown (`snippets`)."""
