"""Role `notify`: matches rules, tells each of a story once, delivers webhooks."""
