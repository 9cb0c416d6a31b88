"""Every event once: what an event is, how the ones that were sent are remembered. Knows nothing of storage."""
