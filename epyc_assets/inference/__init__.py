"""Running models: sessions in worker processes, backends, configs, chat templates, telemetry.

Nothing here knows questions, scores, the warehouse or Dagster.
"""
