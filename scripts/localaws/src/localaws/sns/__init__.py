"""SNS: what topics publish, to functions, queues and dead-letter queues."""
