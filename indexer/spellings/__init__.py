"""Other spellings of the words of a query: names, numbers, compounds, Latin letters; only those the archive prints."""
