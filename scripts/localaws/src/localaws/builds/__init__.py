"""Builds layers, images, packages and AWS's managed Python runtime without Docker."""
