"""Role `store`: writes articles, comments and the sources of copies to the database."""
