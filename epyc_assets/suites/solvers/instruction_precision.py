"""Answers those exact instructions that have one answer, from their prompts alone.

Belongs here: word lists, repetitions and fixed replies. Does not belong here: anything imported from the generators;
requests
with many right answers, for which the verifiers are the second opinion.
"""

from __future__ import annotations

import re


def solve(prompt: str) -> str | None:
    """The only answer, or None where there are many."""
    loud = "capital letters only" in prompt
    if listing := re.match(r"Here are some words: ([a-z ]+)\. List them (.*?)\.\s", prompt):
        words = listing[1].split()
        if letter := re.search(r"that contain the letter (\w)", listing[2]):
            words = [word for word in words if letter[1] not in word]
        shortest = "the shortest first" in listing[2]
        answer = ", ".join(sorted(words, key=lambda word: (len(word) if shortest else 0, word)))
    elif repeated := re.match(r"Write the word (\w+) exactly (\d+) times", prompt):
        answer = (f"{repeated[1]} " * int(repeated[2])).rstrip()
    elif divided := re.match(r"Is (\d+) divisible by (\d+)\?", prompt):
        return f"My answer is {'no' if int(divided[1]) % int(divided[2]) else 'yes'}."
    else:
        return None
    return answer.upper() if loud else answer
