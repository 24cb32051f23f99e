"""Durable functions: executions that go on over several invocations, with checkpoints."""
