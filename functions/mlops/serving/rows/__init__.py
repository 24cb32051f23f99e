"""A request's body and the rows in it, checked against the model's contract while they are parsed."""
