"""Role `dedupe`: gives every collected item a verdict, and articles a story."""
