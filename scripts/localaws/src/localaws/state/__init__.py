"""Persistent state: objects, messages, parameters, logs and stacks, saved to a folder and restored at a start."""
