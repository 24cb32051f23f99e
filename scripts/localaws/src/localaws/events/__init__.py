"""EventBridge: the bus, patterns, input transformers, schedules, and log groups as targets."""
