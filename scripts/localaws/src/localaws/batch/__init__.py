"""AWS Batch: jobs on Fargate, run as tasks of ECS."""
