"""HTTP APIs and function URLs, with payload format 2.0."""
