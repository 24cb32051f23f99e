"""From a dataset to a version: intake.py takes the event, flow.py tells the story."""
