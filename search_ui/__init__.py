"""The two front ends over one library: the `arshif` command and the search page."""
