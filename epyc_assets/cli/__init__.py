"""The command line: parse, call, print. What changes data materializes assets, so there is one way to write."""
