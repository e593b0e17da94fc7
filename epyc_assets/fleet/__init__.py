"""The demo fleet: tiny models trained here and written as GGUF files that llama.cpp loads.

Belongs here: tokenizer, networks, training, writing and the manifest of what was shipped. Does not belong
here: running the models for measurement, or scoring their answers; the platform does that with them as with
any other GGUF.
"""
