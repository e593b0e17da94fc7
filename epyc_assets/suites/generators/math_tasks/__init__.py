"""Kinds of mathematics questions for real models, a field a file.

Belongs here: functions that draw one task of one kind. Does not belong here: choosing among them (`generators/math`).
"""
