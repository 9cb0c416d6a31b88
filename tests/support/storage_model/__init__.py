"""Azure Storage as a deterministic model, and workers that see it through the product's own storage module.

| module | what it is |
|---|---|
| `refusals` | what storage answers when it refuses: status and error code |
| `leases` | a blob's lease with all its states |
| `blobs` | `BlobModel`: containers, blobs, staged blocks, conditions, listings in pages |
| `queues` | `QueueModel`: messages with visibility, pop receipts, dequeue counts, time to live |
| `host` | `QueueListener`: what the Functions host does with the messages of a queue |
| `clock` | `WorldTime`, and a `WorkerClock` for each worker: offset, drift, pauses, timers, chance |
| `wire` | `Wire`: the one hook at which calls are switched, fail, lose their replies, or end the worker |
| `sdk` | the part of the Azure SDK's clients that the product uses, over `Wire` and the models |
| `account` | `Account`: all of it together, with its containers, its queue and as many workers as wanted |
| `workers` | `WorkerContainer` and `WorkerQueue`: the product's own storage module on top of `sdk` |

Nothing here starts a thread, sleeps or asks the machine for the time or for chance.
"""
