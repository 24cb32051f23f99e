"""Machine-learning operations on AWS Lambda, by stage of a model's life."""
