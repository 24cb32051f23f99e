"""`scripts/tour shop`: a shop on local AWS that learns from what people do. sequence.py is the sequence."""
