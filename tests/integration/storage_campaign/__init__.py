"""The same random requests to the models and to Azurite, whose clock is moved, and every answer compared.

| module | what it is |
|---|---|
| `operations` | a request, an answer, and labels for what each side names in its own way |
| `generator` | random requests, the same for the same seed |
| `model_side` | the models as a side |
| `port_side` | the product's storage module as a side, and random calls of it |
| `azurite_rest` | Azurite over REST, and its clock |
| `azurite_side` | a container and a queue of it as a side |
| `run` | sequences on both sides, compared |
"""
