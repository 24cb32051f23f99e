"""The HTTP API front, payload format 2.0."""
