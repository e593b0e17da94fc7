"""Kinds of agentic questions and the tools they offer.

Belongs here: a module per kind of situation. Does not belong here: which kinds a tier asks (`generators.agentic`).
"""
