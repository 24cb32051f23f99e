"""What people look at while it runs, and redrive where it failed; the command line and the console both use it.

trainings.py  trainings as the data bucket has them: steps, trials, outcomes
queues.py     the queues and their dead letters, and how these are moved back
letters.py    what a dead letter is about
batches.py    batches of predictions as the state machine has them
history.py    who redrove what, when and why
"""
