"""Dates as Arabic news prints them and as readers type them: both calendars, all month names, periods, relative days.

>>> from corpus.dates.parsing import parse_date
>>> parse_date("16 شباط 2017").day
16
"""
