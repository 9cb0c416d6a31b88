"""The model of storage by itself; `tests/integration/test_storage_model.py` compares it with Azurite."""
