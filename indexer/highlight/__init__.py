"""Highlighting: from ranked articles to hits (`hits`), what a query marks in them (`marker`), and their snippets."""
