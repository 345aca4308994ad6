"""The one reader of each thing that outsiders write: dates, charsets, hosts, characters that nobody sees."""
