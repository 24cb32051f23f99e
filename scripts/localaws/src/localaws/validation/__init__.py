"""Checks templates before anything starts: what's unsupported, and what AWS would reject, each with its line."""
