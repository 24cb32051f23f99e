"""SQS: queues, and pollers that invoke functions with batches of messages."""
