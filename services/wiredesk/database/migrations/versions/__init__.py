"""One file a migration; once released, none changes."""
