"""Kinds of long-context questions and the text they are hidden in.

Belongs here: haystacks and needles, a module per style of text. Does not belong here: which kinds a tier asks
(`generators.long_context`).
"""
