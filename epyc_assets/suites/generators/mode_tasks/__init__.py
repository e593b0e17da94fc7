"""Kinds of questions on which ways of answering differ: at once, by thinking, by running code, with tools, in parts.

Belongs here: functions that draw one task of one kind, grouped by the way that should win. Does not belong here:
choosing among them (`generators/mode_advantage`, `generators/mode_advantage_hard`).
"""
