"""The Velocity Template Language, as far as mapping templates of API Gateway use it."""
