"""Distributed Map: child executions for the items of a list or of objects in S3."""
