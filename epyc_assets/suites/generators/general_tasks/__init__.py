"""Kinds of general questions.

Belongs here: a module per sort of skill. Does not belong here: which kinds a tier asks (`generators.general`).
"""
