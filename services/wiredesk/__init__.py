"""Real-time news ingestion: feeds and pages become clean articles and reader comments on Kafka."""

__version__ = "0.1.0"
