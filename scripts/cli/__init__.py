"""The command line `scripts/mlops`: it parses, calls the library or AWS, and prints. One file a command."""
