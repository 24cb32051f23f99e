"""Streams as event sources: of DynamoDB tables, and of Kinesis."""
