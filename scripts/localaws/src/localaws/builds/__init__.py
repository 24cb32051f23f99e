"""Builds what functions need without Docker: layers, images, packages, and AWS's managed Python runtime."""
