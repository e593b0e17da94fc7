"""Kinds of questions about pictures described in words.

Belongs here: a module per kind of picture. Does not belong here: which kinds a tier asks (`generators.vl`).
"""
