"""The roles, a folder each: `stage.py` does the I/O, the modules beside it decide."""
