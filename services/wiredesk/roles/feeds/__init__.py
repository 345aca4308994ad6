"""Polls feeds and news sitemaps when new entries are likely, and publishes what is new."""
