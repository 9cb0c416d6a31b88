"""Folders and files of this computer in the place of storage, for `push` and `validate`."""
