"""The worker: one process that loads one model and answers prompts, one at a time.

Started as `python -m epyc_assets.inference.worker`, through the host's launch prefix. It reads one JSON object
per line from standard input and writes one per line to standard output; llama.cpp's own output goes to standard
error. It imports the standard library, NumPy and llama_cpp, nothing else of the platform but
inference.telemetry, so that it starts quickly and runs on a measured machine without Dagster or a database.

| sent | answered |
|---|---|
| {"op": "load", "model_path", "parameters", "drafts"} | {"event": "loaded", "facts"} or "error" |
| {"op": "generate", ...} | any number of {"event": "progress", "text", "tokens"}, then "generated" or "error" |
| {"op": "tokenize", "text"} | {"event": "tokenized", "token_ids"} |
| {"op": "calibrate"} | {"event": "calibrated", "calibration_ms"} |
| {"op": "compare_choices", ...} | {"event": "compared", "margin", "batch_noise", "preferred"}, see the engine |
| {"op": "close"} or end of input | {"event": "closed", "peak_memory_bytes"} |

The fields of generate are those of inference.backend.GenerationRequest; the fields of generated are listed in
engine.Engine.generate. An error has kind, message and, where one could not be loaded, draft.
A worker never outlives its parent: end of input ends it at once, also in the middle of an
evaluation.
"""
