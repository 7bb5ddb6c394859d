"""Building the lexicon that `indexer.analysis` ships: from dictionaries to a table of forms. Not part of the package.

`./run lexicon` runs `lexicon.build`; `README.md` says what it reads and under which licences.
"""
