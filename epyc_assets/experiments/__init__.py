"""Experiments: questions beside the sweep, such as which draft suits which target, or how long an answer may take.

Belongs here: what to try for a question, and what follows from the measured rows, on plain values and frames. Does not
belong here: putting prompts to models (benchmark), reading and writing the warehouse (defs).
"""
