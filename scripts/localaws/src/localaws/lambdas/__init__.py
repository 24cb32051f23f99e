"""Lambda: which code a function version runs, its invocations, and the retries of asynchronous ones."""
