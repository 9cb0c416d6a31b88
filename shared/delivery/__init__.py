"""From request bodies to an outcome: ledger, lease, sending, waiting, the sweep. Knows services only by protocol."""
