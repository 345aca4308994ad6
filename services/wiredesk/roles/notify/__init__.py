"""Role `notify`: matches rules, raises one alert per rule and story, and delivers webhooks."""
