"""Floor 2: importers of the original project's record, a module per format, from bytes to typed rows.

No database and no Dagster: `importing.read_record` turns a directory into frames, from a notebook as well as from
the platform (defs/history.py writes them). What the rows mean together is SQL (warehouse/derived/history/).
"""
