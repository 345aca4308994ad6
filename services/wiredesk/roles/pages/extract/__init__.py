"""What runs in the worker: a page taken apart into metadata, article and comments. Pure; knows nothing of looks."""
