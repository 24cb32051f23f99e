"""S3: object events for EventBridge, and bucket notifications."""
