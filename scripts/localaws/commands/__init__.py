"""The commands of `python -m localaws`, one file each: its options, and what it does."""
