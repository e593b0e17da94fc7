"""Kinds of programming questions for real models, a field a file; references are Python source text.

Belongs here: exercises (what is asked, the reference, the inputs) and how they become tasks (`form`). Does not belong
here: choosing among the kinds (`generators/coder`), or running code of models (`sandbox`).
"""
