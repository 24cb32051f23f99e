"""Load on a local AWS: its memory, and how much it does in a time."""
