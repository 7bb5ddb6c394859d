"""Dates as Arabic news prints them and as readers type them: both calendars, every month name, periods, named days.

>>> from corpus.dates.parsing import parse_date
>>> parse_date("16 شباط 2017").day
16
"""
