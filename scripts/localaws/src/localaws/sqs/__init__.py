"""SQS: queues, and the pollers that give messages to functions, batch by batch, until they succeed."""
