"""HTTP APIs and function URLs, with payload formats 2.0 and 1.0."""
