"""Polls feeds and news sitemaps when it pays, and says what is new in them."""
