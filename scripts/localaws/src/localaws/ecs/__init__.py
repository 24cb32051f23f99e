"""ECS: tasks of Fargate, run as processes like those of image functions."""
