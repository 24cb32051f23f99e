"""Step Functions: state machines written in Amazon States Language, and their executions."""
