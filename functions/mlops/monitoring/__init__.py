"""Whether a model in production is still as good as it was: its inputs, its answers, its performance, its service."""
