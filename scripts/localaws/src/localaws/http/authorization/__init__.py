"""Authorization of requests: Lambda and JWT authorizers of HTTP APIs, signed requests, and what REST APIs share."""
