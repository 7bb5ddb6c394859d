"""Builds the lexicon that ships with `indexer.analysis` from dictionaries. Not part of the package.

`./run lexicon` runs `lexicon.build`; `README.md` lists its sources and their licences.
"""
