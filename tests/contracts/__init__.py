"""The same assertions on every backend: embedded ones are the test doubles, and these keep them honest."""
