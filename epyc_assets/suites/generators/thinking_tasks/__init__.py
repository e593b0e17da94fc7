"""Kinds of reasoning questions for real models, a family a file.

Belongs here: functions that draw one task of one kind. Does not belong here: choosing among them
(`generators/thinking`).
"""
