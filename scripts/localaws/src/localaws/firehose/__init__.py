"""Firehose: buffers records and delivers them to S3."""
