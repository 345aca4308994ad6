"""Role `web`: the API over the database; and the health and metrics pages every role serves."""
