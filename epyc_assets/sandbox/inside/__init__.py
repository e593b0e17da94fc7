"""What runs within the sandbox: the forking worker, the supervisor, and the two sides of a test.

Belongs here: code that is bound read-only into the sandbox and run there by whatever Python is chosen, so only the
standard library, and nothing of this package outside of this folder. Does not belong here: anything that decides
what a verdict means; a program under test shares a process with some of these modules and can change them.
"""
