"""What local AWS keeps in a folder from one start to the next: objects, messages, parameters, logs and stacks."""
