"""A schedule explorer: the real delivery on the storage model, switched at every call, with an oracle at rest.

| module | what it is |
|---|---|
| `schedule` | a schedule as a value and as one line of text: a scenario, and the decisions that differ from the usual |
| `choices` | who decides: a list of decisions, chance (PCT), or a systematic enumeration with few preemptions |
| `scheduler` | greenlets handing over at every call, time that moves when nobody can run, crashes and pauses |
| `connector` | the connector and the tokens as one worker sees them |
| `rules` | rules that differ from attempt to attempt |
| `scenario` | exports, settings and operators' requests |
| `run` | one schedule from its beginning to rest |
| `history` | what was seen on the way: bodies, outcomes, requests |
| `oracle` | what must hold at rest |
| `shrink` | the smallest schedule that still fails |
| `campaign` | many schedules, with figures |
| `mutants` | deliberate mistakes in the protocol, which the explorer has to find |
"""
