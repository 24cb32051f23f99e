"""The command line `scripts/mlops`: one file a group of commands."""
