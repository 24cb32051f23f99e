"""Runs a template's functions in containers by `sam local`, with local AWS as their endpoint."""
