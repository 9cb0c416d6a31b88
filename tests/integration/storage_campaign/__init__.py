"""The same random requests to the models and to Azurite, whose clock is moved, and every answer compared.

| module | what it is |
|---|---|
| `operations` | a request, an answer, and labels for what each side names in its own way |
| `generator` | random requests, the same for the same seed |
| `model_side` | the models as a side |
| `azurite_side` | Azurite over REST as a side |
| `run` | sequences on both sides, compared |
"""
