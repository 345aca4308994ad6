"""Role `notify`: matches rules and delivers alerts. For now it reads everything and matches nothing."""
