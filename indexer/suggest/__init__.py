"""Suggestions: did-you-mean, autocomplete, more like this."""
