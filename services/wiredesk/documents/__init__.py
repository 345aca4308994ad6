"""Feed documents as both feeds and pages read them."""
