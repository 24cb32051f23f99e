"""CloudWatch alarms: evaluation, states and actions."""
