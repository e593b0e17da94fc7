"""Benchmarking: what to run (matrix, plan), running it (sweep), keeping it (journal), handing it on (load).

Takes and returns typed values and Polars frames; reads and writes no database and knows nothing of Dagster.
"""
