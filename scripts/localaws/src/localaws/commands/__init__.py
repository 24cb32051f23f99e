"""The commands of `localaws`, one file each: its options, and what it does."""
