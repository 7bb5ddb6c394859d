"""Spelling variants of the words of a query that the archive prints: names, numbers, compounds, Latin letters."""
