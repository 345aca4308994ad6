"""The one door to the web: address check, caps, time limits, redirects, host budgets, robots.txt."""
