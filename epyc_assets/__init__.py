"""epyc_assets: every model, run, score and index on a CPU inference server as a Dagster asset over DuckDB."""
