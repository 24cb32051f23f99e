"""Who may ask the API: the check of each request in front of the application."""
