"""Events on their way: EventBridge rules, S3 notifications and SQS event source mappings."""
