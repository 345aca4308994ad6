"""What plans looks and carries them out: entries in, pages and comment feeds fetched, what is new published."""
