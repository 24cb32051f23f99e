"""What local AWS can't do of a template, found before anything starts; each finding has its line."""
