"""Lambda: the code of function versions, invocations, and asynchronous invocations with their retries."""
