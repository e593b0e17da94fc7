"""Requests with several verifiable constraints, and answers built to satisfy all of them.

Belongs here: topics, shapes of an answer and constraints on it. Does not belong here: which a tier asks
(`generators.instruction_precision`), or the verifiers (`scoring.verifiers`).
"""
