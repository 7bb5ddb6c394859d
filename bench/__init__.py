"""Benchmarks, run by hand: `./run bench`. They print figures to read; nothing here is a test."""
