"""SNS: delivery of messages to functions, queues and dead-letter queues."""
