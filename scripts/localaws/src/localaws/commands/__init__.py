"""The commands of `localaws`, one file per command: its help, its options and its code."""
