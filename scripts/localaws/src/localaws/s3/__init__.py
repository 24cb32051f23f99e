"""S3: events of objects, to EventBridge and to a bucket's own targets."""
